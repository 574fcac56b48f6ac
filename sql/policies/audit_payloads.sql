-- Declared with the table, and said again here so that an upgrade puts it right.
alter table memoriesdb.audit_payloads enable row level security;
alter table memoriesdb.audit_payloads force row level security;

drop policy if exists audit_payloads_all_system on memoriesdb.audit_payloads;
create policy audit_payloads_all_system on memoriesdb.audit_payloads
to memoriesdb_owner, memoriesdb_definer
using (true)
with check (true);
comment on policy audit_payloads_all_system on memoriesdb.audit_payloads is
'The database''s own functions, migrations and refreshes see every row: without this the owner '
'would silently do nothing.';

drop policy if exists audit_payloads_select_owner on memoriesdb.audit_payloads;
create policy audit_payloads_select_owner on memoriesdb.audit_payloads
for select
to memoriesdb_app, memoriesdb_client
using (owner_id = (select memoriesdb._user_with_scope('read')));
comment on policy audit_payloads_select_owner on memoriesdb.audit_payloads is
'Owners read the states of their own rows; auditors do not.';

drop policy if exists audit_payloads_select_eraser on memoriesdb.audit_payloads;
create policy audit_payloads_select_eraser on memoriesdb.audit_payloads
for select
to memoriesdb_eraser
using (true);
comment on policy audit_payloads_select_eraser on memoriesdb.audit_payloads is
'The functions that erase find what is to go.';

drop policy if exists audit_payloads_delete_eraser on memoriesdb.audit_payloads;
create policy audit_payloads_delete_eraser on memoriesdb.audit_payloads
for delete
to memoriesdb_eraser
using (true);
comment on policy audit_payloads_delete_eraser on memoriesdb.audit_payloads is
'The functions that erase remove it; nobody else removes an entry.';

-- Nobody has rights on a partition; maintain_audit_partitions() gives those that it makes the same.
drop policy if exists audit_payloads_default_all_system on memoriesdb.audit_payloads_default;
create policy audit_payloads_default_all_system on memoriesdb.audit_payloads_default
to memoriesdb_owner, memoriesdb_definer
using (true)
with check (true);
comment on policy audit_payloads_default_all_system on memoriesdb.audit_payloads_default is
'Migrations see every row: without this the owner would silently do nothing.';

-- Restrictive, so that it comes first: see _gate_equal().
drop policy if exists audit_payloads_all_gate on memoriesdb.audit_payloads;
create policy audit_payloads_all_gate on memoriesdb.audit_payloads
as restrictive
to memoriesdb_app, memoriesdb_client
using (memoriesdb._gate_equal(owner_id, (select memoriesdb._user_with_scope('read'))));
comment on policy audit_payloads_all_gate on memoriesdb.audit_payloads is
'No condition of a user''s own is tried on a row that the user cannot see.';
