-- Declared with the table, and said again here so that an upgrade puts it right.
alter table memoriesdb.idempotency_keys enable row level security;
alter table memoriesdb.idempotency_keys force row level security;

drop policy if exists idempotency_keys_all_system on memoriesdb.idempotency_keys;
create policy idempotency_keys_all_system on memoriesdb.idempotency_keys
to memoriesdb_owner, memoriesdb_definer
using (true)
with check (true);
comment on policy idempotency_keys_all_system on memoriesdb.idempotency_keys is
'The database''s own functions, migrations and refreshes see every row: without this the owner '
'would silently do nothing.';

drop policy if exists idempotency_keys_select_eraser on memoriesdb.idempotency_keys;
create policy idempotency_keys_select_eraser on memoriesdb.idempotency_keys
for select
to memoriesdb_eraser
using (true);
comment on policy idempotency_keys_select_eraser on memoriesdb.idempotency_keys is
'The functions that erase find what is to go.';

drop policy if exists idempotency_keys_delete_eraser on memoriesdb.idempotency_keys;
create policy idempotency_keys_delete_eraser on memoriesdb.idempotency_keys
for delete
to memoriesdb_eraser
using (true);
comment on policy idempotency_keys_delete_eraser on memoriesdb.idempotency_keys is
'The functions that erase remove it.';
