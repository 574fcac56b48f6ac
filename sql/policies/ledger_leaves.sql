-- Declared with the table, and said again here so that an upgrade puts it right.
alter table memoriesdb.ledger_leaves enable row level security;
alter table memoriesdb.ledger_leaves force row level security;

drop policy if exists ledger_leaves_all_system on memoriesdb.ledger_leaves;
create policy ledger_leaves_all_system on memoriesdb.ledger_leaves
to memoriesdb_owner, memoriesdb_definer
using (true)
with check (true);
comment on policy ledger_leaves_all_system on memoriesdb.ledger_leaves is
'The database''s own functions, migrations and refreshes see every row: without this the owner '
'would silently do nothing.';

drop policy if exists ledger_leaves_select_auditor on memoriesdb.ledger_leaves;
create policy ledger_leaves_select_auditor on memoriesdb.ledger_leaves
for select
to memoriesdb_auditor
using (true);
comment on policy ledger_leaves_select_auditor on memoriesdb.ledger_leaves is
'Auditors read the hashes of entries, as they do the entries.';
