-- Declared with the table, and said again here so that an upgrade puts it right.
alter table memoriesdb.memory_edges enable row level security;
alter table memoriesdb.memory_edges force row level security;

drop policy if exists memory_edges_all_system on memoriesdb.memory_edges;
create policy memory_edges_all_system on memoriesdb.memory_edges
to memoriesdb_owner, memoriesdb_definer
using (true)
with check (true);
comment on policy memory_edges_all_system on memoriesdb.memory_edges is
'The database''s own functions, migrations and refreshes see every row: without this the owner '
'would silently do nothing.';

drop policy if exists memory_edges_select_owner on memoriesdb.memory_edges;
create policy memory_edges_select_owner on memoriesdb.memory_edges
for select
to memoriesdb_app, memoriesdb_client
using (owner_id = (select memoriesdb._user_with_scope('read')));
comment on policy memory_edges_select_owner on memoriesdb.memory_edges is
'Owners read their own graph.';

drop policy if exists memory_edges_insert_owner on memoriesdb.memory_edges;
create policy memory_edges_insert_owner on memoriesdb.memory_edges
for insert
to memoriesdb_app, memoriesdb_client
with check (owner_id = (select memoriesdb._user_with_scope('write')));
comment on policy memory_edges_insert_owner on memoriesdb.memory_edges is
'Users who may write link their own memories.';

drop policy if exists memory_edges_update_owner on memoriesdb.memory_edges;
create policy memory_edges_update_owner on memoriesdb.memory_edges
for update
to memoriesdb_app, memoriesdb_client
using (owner_id = (select memoriesdb._user_with_scope('write')))
with check (owner_id = (select memoriesdb._user_with_scope('write')));
comment on policy memory_edges_update_owner on memoriesdb.memory_edges is
'Owners who may write change their own edges.';

drop policy if exists memory_edges_delete_owner on memoriesdb.memory_edges;
create policy memory_edges_delete_owner on memoriesdb.memory_edges
for delete
to memoriesdb_app, memoriesdb_client
using (owner_id = (select memoriesdb._user_with_scope('write')));
comment on policy memory_edges_delete_owner on memoriesdb.memory_edges is
'Owners who may write remove their own edges.';

drop policy if exists memory_edges_select_eraser on memoriesdb.memory_edges;
create policy memory_edges_select_eraser on memoriesdb.memory_edges
for select
to memoriesdb_eraser
using (true);
comment on policy memory_edges_select_eraser on memoriesdb.memory_edges is
'The functions that erase find what is to go.';

drop policy if exists memory_edges_delete_eraser on memoriesdb.memory_edges;
create policy memory_edges_delete_eraser on memoriesdb.memory_edges
for delete
to memoriesdb_eraser
using (true);
comment on policy memory_edges_delete_eraser on memoriesdb.memory_edges is
'The functions that erase remove it.';

-- Restrictive, so that it comes first: see _gate_equal().
drop policy if exists memory_edges_all_gate on memoriesdb.memory_edges;
create policy memory_edges_all_gate on memoriesdb.memory_edges
as restrictive
to memoriesdb_app, memoriesdb_client
using (
  memoriesdb._gate_equal(owner_id, (select memoriesdb._user_with_scope('read')))
  or memoriesdb._gate_equal(owner_id, (select memoriesdb._user_with_scope('write')))
)
-- What may be written the other policies say.
with check (true);
comment on policy memory_edges_all_gate on memoriesdb.memory_edges is
'No condition of a user''s own is tried on a row that the user cannot see.';
