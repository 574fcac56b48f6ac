-- Declared with the table, and said again here so that an upgrade puts it right.
alter table memoriesdb.memories enable row level security;
alter table memoriesdb.memories force row level security;

drop policy if exists memories_all_system on memoriesdb.memories;
create policy memories_all_system on memoriesdb.memories
to memoriesdb_owner, memoriesdb_definer
using (true)
with check (true);
comment on policy memories_all_system on memoriesdb.memories is
'The database''s own functions, migrations and refreshes see every row: without this the owner '
'would silently do nothing.';

drop policy if exists memories_select_owner on memoriesdb.memories;
create policy memories_select_owner on memoriesdb.memories
for select
to memoriesdb_app, memoriesdb_client
using (owner_id = (select memoriesdb._user_with_scope('read')));
comment on policy memories_select_owner on memoriesdb.memories is
'Owners read their own memories.';

drop policy if exists memories_select_grantee on memoriesdb.memories;
create policy memories_select_grantee on memoriesdb.memories
for select
to memoriesdb_app, memoriesdb_client
using (
  id = any((select memoriesdb._granted_ids('read'))::uuid[])
  and owner_id = any((select memoriesdb._grantors('read'))::uuid[])
);
comment on policy memories_select_grantee on memoriesdb.memories is
'Grantees read what was shared with them.';

drop policy if exists memories_insert_owner on memoriesdb.memories;
create policy memories_insert_owner on memoriesdb.memories
for insert
to memoriesdb_app, memoriesdb_client
with check (owner_id = (select memoriesdb._user_with_scope('write')));
comment on policy memories_insert_owner on memoriesdb.memories is
'Users who may write do so for themselves only.';

drop policy if exists memories_update_owner on memoriesdb.memories;
create policy memories_update_owner on memoriesdb.memories
for update
to memoriesdb_app, memoriesdb_client
using (owner_id = (select memoriesdb._user_with_scope('write')))
with check (owner_id = (select memoriesdb._user_with_scope('write')));
comment on policy memories_update_owner on memoriesdb.memories is
'Owners who may write change their own memories.';

drop policy if exists memories_update_grantee on memoriesdb.memories;
create policy memories_update_grantee on memoriesdb.memories
for update
to memoriesdb_app, memoriesdb_client
using (
  id = any((select memoriesdb._granted_ids('write'))::uuid[])
  and owner_id = any((select memoriesdb._grantors('write'))::uuid[])
  and (select memoriesdb._user_with_scope('write')) is not null
)
with check (
  id = any((select memoriesdb._granted_ids('write'))::uuid[])
  and owner_id = any((select memoriesdb._grantors('write'))::uuid[])
  and (select memoriesdb._user_with_scope('write')) is not null
);
comment on policy memories_update_grantee on memoriesdb.memories is
'Grantees with write change what was shared with them; the owner stays who he is by privilege '
'and trigger.';

drop policy if exists memories_delete_owner on memoriesdb.memories;
create policy memories_delete_owner on memoriesdb.memories
for delete
to memoriesdb_app, memoriesdb_client
using (owner_id = (select memoriesdb._user_with_scope('write')));
comment on policy memories_delete_owner on memoriesdb.memories is
'Owners who may write delete their own memories.';

drop policy if exists memories_select_eraser on memoriesdb.memories;
create policy memories_select_eraser on memoriesdb.memories
for select
to memoriesdb_eraser
using (true);
comment on policy memories_select_eraser on memoriesdb.memories is
'The functions that erase find what is to go.';

drop policy if exists memories_delete_eraser on memoriesdb.memories;
create policy memories_delete_eraser on memoriesdb.memories
for delete
to memoriesdb_eraser
using (true);
comment on policy memories_delete_eraser on memoriesdb.memories is
'The functions that erase remove it.';

-- Restrictive, so that it comes first: see _gate_equal().
drop policy if exists memories_all_gate on memoriesdb.memories;
create policy memories_all_gate on memoriesdb.memories
as restrictive
to memoriesdb_app, memoriesdb_client
using (
  memoriesdb._gate_equal(owner_id, (select memoriesdb._user_with_scope('read')))
  or memoriesdb._gate_position((select memoriesdb._granted_ids('read'))::uuid[], id) is not null
)
-- What may be written the other policies say: who may write need not be one who may read.
with check (true);
comment on policy memories_all_gate on memoriesdb.memories is
'No condition of a user''s own is tried on a row that the user cannot see.';
