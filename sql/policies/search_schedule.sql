-- Declared with the table, and said again here so that an upgrade puts it right.
alter table memoriesdb.search_schedule enable row level security;
alter table memoriesdb.search_schedule force row level security;

drop policy if exists search_schedule_all_system on memoriesdb.search_schedule;
create policy search_schedule_all_system on memoriesdb.search_schedule
to memoriesdb_owner, memoriesdb_definer
using (true)
with check (true);
comment on policy search_schedule_all_system on memoriesdb.search_schedule is
'The database''s own functions, migrations and refreshes see every row: without this the owner '
'would silently do nothing.';
