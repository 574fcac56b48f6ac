-- Declared with the table, and said again here so that an upgrade puts it right.
alter table memoriesdb.settings enable row level security;
alter table memoriesdb.settings force row level security;

drop policy if exists settings_all_system on memoriesdb.settings;
create policy settings_all_system on memoriesdb.settings
to memoriesdb_owner, memoriesdb_definer
using (true)
with check (true);
comment on policy settings_all_system on memoriesdb.settings is
'The database''s own functions, migrations and refreshes see every row: without this the owner '
'would silently do nothing.';

drop policy if exists settings_select_admin on memoriesdb.settings;
create policy settings_select_admin on memoriesdb.settings
for select
to memoriesdb_admin
using (true);
comment on policy settings_select_admin on memoriesdb.settings is
'Admins read the settings.';
