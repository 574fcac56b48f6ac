-- Declared with the table, and said again here so that an upgrade puts it right.
alter table memoriesdb.owner_keys enable row level security;
alter table memoriesdb.owner_keys force row level security;

drop policy if exists owner_keys_all_system on memoriesdb.owner_keys;
create policy owner_keys_all_system on memoriesdb.owner_keys
to memoriesdb_owner, memoriesdb_definer
using (true)
with check (true);
comment on policy owner_keys_all_system on memoriesdb.owner_keys is
'The database''s own functions, migrations and refreshes see every row: without this the owner '
'would silently do nothing.';

drop policy if exists owner_keys_select_owner on memoriesdb.owner_keys;
create policy owner_keys_select_owner on memoriesdb.owner_keys
for select
to memoriesdb_app, memoriesdb_client
using (owner_id = (select memoriesdb._user_with_scope('read')));
comment on policy owner_keys_select_owner on memoriesdb.owner_keys is
'Owners read their own wrapped keys.';

drop policy if exists owner_keys_select_eraser on memoriesdb.owner_keys;
create policy owner_keys_select_eraser on memoriesdb.owner_keys
for select
to memoriesdb_eraser
using (true);
comment on policy owner_keys_select_eraser on memoriesdb.owner_keys is
'The functions that erase find what is to go.';

drop policy if exists owner_keys_delete_eraser on memoriesdb.owner_keys;
create policy owner_keys_delete_eraser on memoriesdb.owner_keys
for delete
to memoriesdb_eraser
using (true);
comment on policy owner_keys_delete_eraser on memoriesdb.owner_keys is
'The functions that erase remove it.';

-- Restrictive, so that it comes first: see _gate_equal().
drop policy if exists owner_keys_all_gate on memoriesdb.owner_keys;
create policy owner_keys_all_gate on memoriesdb.owner_keys
as restrictive
to memoriesdb_app, memoriesdb_client
using (memoriesdb._gate_equal(owner_id, (select memoriesdb._user_with_scope('read'))));
comment on policy owner_keys_all_gate on memoriesdb.owner_keys is
'No condition of a user''s own is tried on a row that the user cannot see.';
