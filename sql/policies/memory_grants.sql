-- Declared with the table, and said again here so that an upgrade puts it right.
alter table memoriesdb.memory_grants enable row level security;
alter table memoriesdb.memory_grants force row level security;

drop policy if exists memory_grants_all_system on memoriesdb.memory_grants;
create policy memory_grants_all_system on memoriesdb.memory_grants
to memoriesdb_owner, memoriesdb_definer
using (true)
with check (true);
comment on policy memory_grants_all_system on memoriesdb.memory_grants is
'The database''s own functions, migrations and refreshes see every row: without this the owner '
'would silently do nothing.';

drop policy if exists memory_grants_select_owner on memoriesdb.memory_grants;
create policy memory_grants_select_owner on memoriesdb.memory_grants
for select
to memoriesdb_app, memoriesdb_client
using (owner_id = (select memoriesdb._user_with_scope('read')));
comment on policy memory_grants_select_owner on memoriesdb.memory_grants is
'Owners see to whom they have granted what.';

drop policy if exists memory_grants_select_grantee on memoriesdb.memory_grants;
create policy memory_grants_select_grantee on memoriesdb.memory_grants
for select
to memoriesdb_app, memoriesdb_client
using (grantee_id = (select memoriesdb._user_with_scope('read')));
comment on policy memory_grants_select_grantee on memoriesdb.memory_grants is
'Grantees see what was granted to them.';

drop policy if exists memory_grants_select_eraser on memoriesdb.memory_grants;
create policy memory_grants_select_eraser on memoriesdb.memory_grants
for select
to memoriesdb_eraser
using (true);
comment on policy memory_grants_select_eraser on memoriesdb.memory_grants is
'The functions that erase find what is to go.';

drop policy if exists memory_grants_delete_eraser on memoriesdb.memory_grants;
create policy memory_grants_delete_eraser on memoriesdb.memory_grants
for delete
to memoriesdb_eraser
using (true);
comment on policy memory_grants_delete_eraser on memoriesdb.memory_grants is
'The functions that erase remove it.';

-- Restrictive, so that it comes first: see _gate_equal().
drop policy if exists memory_grants_all_gate on memoriesdb.memory_grants;
create policy memory_grants_all_gate on memoriesdb.memory_grants
as restrictive
to memoriesdb_app, memoriesdb_client
using (
  memoriesdb._gate_equal(owner_id, (select memoriesdb._user_with_scope('read')))
  or memoriesdb._gate_equal(grantee_id, (select memoriesdb._user_with_scope('read')))
);
comment on policy memory_grants_all_gate on memoriesdb.memory_grants is
'No condition of a user''s own is tried on a row that the user cannot see.';
