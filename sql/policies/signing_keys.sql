-- Declared with the table, and said again here so that an upgrade puts it right.
alter table memoriesdb.signing_keys enable row level security;
alter table memoriesdb.signing_keys force row level security;

drop policy if exists signing_keys_all_system on memoriesdb.signing_keys;
create policy signing_keys_all_system on memoriesdb.signing_keys
to memoriesdb_owner, memoriesdb_definer
using (true)
with check (true);
comment on policy signing_keys_all_system on memoriesdb.signing_keys is
'The database''s own functions, migrations and refreshes see every row: without this the owner '
'would silently do nothing.';

drop policy if exists signing_keys_all_signer on memoriesdb.signing_keys;
create policy signing_keys_all_signer on memoriesdb.signing_keys
to memoriesdb_signer
using (true)
with check (true);
comment on policy signing_keys_all_signer on memoriesdb.signing_keys is
'The functions that sign and rotate; nobody else has a privilege on the table.';
