-- Declared with the table, and said again here so that an upgrade puts it right.
alter table memoriesdb.memory_versions enable row level security;
alter table memoriesdb.memory_versions force row level security;

drop policy if exists memory_versions_all_system on memoriesdb.memory_versions;
create policy memory_versions_all_system on memoriesdb.memory_versions
to memoriesdb_owner, memoriesdb_definer
using (true)
with check (true);
comment on policy memory_versions_all_system on memoriesdb.memory_versions is
'The database''s own functions, migrations and refreshes see every row: without this the owner '
'would silently do nothing.';

drop policy if exists memory_versions_select_owner on memoriesdb.memory_versions;
create policy memory_versions_select_owner on memoriesdb.memory_versions
for select
to memoriesdb_app, memoriesdb_client
using (owner_id = (select memoriesdb._user_with_scope('read')));
comment on policy memory_versions_select_owner on memoriesdb.memory_versions is
'Owners read the former states of their own memories.';

drop policy if exists memory_versions_select_eraser on memoriesdb.memory_versions;
create policy memory_versions_select_eraser on memoriesdb.memory_versions
for select
to memoriesdb_eraser
using (true);
comment on policy memory_versions_select_eraser on memoriesdb.memory_versions is
'The functions that erase find what is to go.';

drop policy if exists memory_versions_delete_eraser on memoriesdb.memory_versions;
create policy memory_versions_delete_eraser on memoriesdb.memory_versions
for delete
to memoriesdb_eraser
using (true);
comment on policy memory_versions_delete_eraser on memoriesdb.memory_versions is
'The functions that erase remove it.';

-- Restrictive, so that it comes first: see _gate_equal().
drop policy if exists memory_versions_all_gate on memoriesdb.memory_versions;
create policy memory_versions_all_gate on memoriesdb.memory_versions
as restrictive
to memoriesdb_app, memoriesdb_client
using (memoriesdb._gate_equal(owner_id, (select memoriesdb._user_with_scope('read'))));
comment on policy memory_versions_all_gate on memoriesdb.memory_versions is
'No condition of a user''s own is tried on a row that the user cannot see.';
