-- Declared with the table, and said again here so that an upgrade puts it right.
alter table memoriesdb.ledger_blocks enable row level security;
alter table memoriesdb.ledger_blocks force row level security;

drop policy if exists ledger_blocks_all_system on memoriesdb.ledger_blocks;
create policy ledger_blocks_all_system on memoriesdb.ledger_blocks
to memoriesdb_owner, memoriesdb_definer
using (true)
with check (true);
comment on policy ledger_blocks_all_system on memoriesdb.ledger_blocks is
'The database''s own functions, migrations and refreshes see every row: without this the owner '
'would silently do nothing.';

drop policy if exists ledger_blocks_select_all on memoriesdb.ledger_blocks;
create policy ledger_blocks_select_all on memoriesdb.ledger_blocks
for select
to memoriesdb_app, memoriesdb_client, memoriesdb_admin, memoriesdb_auditor
using (true);
comment on policy ledger_blocks_select_all on memoriesdb.ledger_blocks is
'The ledger is for everybody: it holds counts and hashes.';
