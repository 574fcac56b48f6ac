-- Declared with the table, and said again here so that an upgrade puts it right.
alter table memoriesdb.ledger_state enable row level security;
alter table memoriesdb.ledger_state force row level security;

drop policy if exists ledger_state_all_system on memoriesdb.ledger_state;
create policy ledger_state_all_system on memoriesdb.ledger_state
to memoriesdb_owner, memoriesdb_definer
using (true)
with check (true);
comment on policy ledger_state_all_system on memoriesdb.ledger_state is
'The database''s own functions, migrations and refreshes see every row: without this the owner '
'would silently do nothing.';
