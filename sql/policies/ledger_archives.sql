-- Declared with the table, and said again here so that an upgrade puts it right.
alter table memoriesdb.ledger_archives enable row level security;
alter table memoriesdb.ledger_archives force row level security;

drop policy if exists ledger_archives_all_system on memoriesdb.ledger_archives;
create policy ledger_archives_all_system on memoriesdb.ledger_archives
to memoriesdb_owner, memoriesdb_definer
using (true)
with check (true);
comment on policy ledger_archives_all_system on memoriesdb.ledger_archives is
'The database''s own functions, migrations and refreshes see every row: without this the owner '
'would silently do nothing.';

drop policy if exists ledger_archives_select_all on memoriesdb.ledger_archives;
create policy ledger_archives_select_all on memoriesdb.ledger_archives
for select
to memoriesdb_app, memoriesdb_client, memoriesdb_admin, memoriesdb_auditor
using (true);
comment on policy ledger_archives_select_all on memoriesdb.ledger_archives is
'What was archived everybody may know: it holds numbers and a hash.';

drop policy if exists ledger_archives_select_eraser on memoriesdb.ledger_archives;
create policy ledger_archives_select_eraser on memoriesdb.ledger_archives
for select
to memoriesdb_eraser
using (true);
comment on policy ledger_archives_select_eraser on memoriesdb.ledger_archives is
'The functions that erase find what is to go.';
