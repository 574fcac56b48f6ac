-- Declared with the table, and said again here so that an upgrade puts it right.
alter table memoriesdb.memory_embeddings enable row level security;
alter table memoriesdb.memory_embeddings force row level security;

drop policy if exists memory_embeddings_all_system on memoriesdb.memory_embeddings;
create policy memory_embeddings_all_system on memoriesdb.memory_embeddings
to memoriesdb_owner, memoriesdb_definer
using (true)
with check (true);
comment on policy memory_embeddings_all_system on memoriesdb.memory_embeddings is
'The database''s own functions, migrations and refreshes see every row: without this the owner '
'would silently do nothing.';

drop policy if exists memory_embeddings_select_owner on memoriesdb.memory_embeddings;
create policy memory_embeddings_select_owner on memoriesdb.memory_embeddings
for select
to memoriesdb_app, memoriesdb_client
using (owner_id = (select memoriesdb._user_with_scope('read')));
comment on policy memory_embeddings_select_owner on memoriesdb.memory_embeddings is
'Owners read the vectors of their own memories.';

drop policy if exists memory_embeddings_select_grantee on memoriesdb.memory_embeddings;
create policy memory_embeddings_select_grantee on memoriesdb.memory_embeddings
for select
to memoriesdb_app, memoriesdb_client
using (
  memory_id = any((select memoriesdb._granted_ids('read'))::uuid[])
  and owner_id = any((select memoriesdb._grantors('read'))::uuid[])
);
comment on policy memory_embeddings_select_grantee on memoriesdb.memory_embeddings is
'Grantees read the vectors of what was shared with them.';

drop policy if exists memory_embeddings_select_eraser on memoriesdb.memory_embeddings;
create policy memory_embeddings_select_eraser on memoriesdb.memory_embeddings
for select
to memoriesdb_eraser
using (true);
comment on policy memory_embeddings_select_eraser on memoriesdb.memory_embeddings is
'The functions that erase find what is to go.';

drop policy if exists memory_embeddings_delete_eraser on memoriesdb.memory_embeddings;
create policy memory_embeddings_delete_eraser on memoriesdb.memory_embeddings
for delete
to memoriesdb_eraser
using (true);
comment on policy memory_embeddings_delete_eraser on memoriesdb.memory_embeddings is
'The functions that erase remove it.';

-- Restrictive, so that it comes first: see _gate_equal().
drop policy if exists memory_embeddings_all_gate on memoriesdb.memory_embeddings;
create policy memory_embeddings_all_gate on memoriesdb.memory_embeddings
as restrictive
to memoriesdb_app, memoriesdb_client
using (
  memoriesdb._gate_equal(owner_id, (select memoriesdb._user_with_scope('read')))
  or memoriesdb._gate_position((select memoriesdb._granted_ids('read'))::uuid[], memory_id)
  is not null
);
comment on policy memory_embeddings_all_gate on memoriesdb.memory_embeddings is
'No condition of a user''s own is tried on a row that the user cannot see.';
