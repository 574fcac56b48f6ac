-- Declared with the table, and said again here so that an upgrade puts it right.
alter table memoriesdb.audit_log enable row level security;
alter table memoriesdb.audit_log force row level security;

drop policy if exists audit_log_all_system on memoriesdb.audit_log;
create policy audit_log_all_system on memoriesdb.audit_log
to memoriesdb_owner, memoriesdb_definer
using (true)
with check (true);
comment on policy audit_log_all_system on memoriesdb.audit_log is
'The database''s own functions, migrations and refreshes see every row: without this the owner '
'would silently do nothing.';

drop policy if exists audit_log_select_owner on memoriesdb.audit_log;
create policy audit_log_select_owner on memoriesdb.audit_log
for select
to memoriesdb_app, memoriesdb_client
using (owner_id = (select memoriesdb._user_with_scope('read')));
comment on policy audit_log_select_owner on memoriesdb.audit_log is
'Owners read what was done with their own rows.';

drop policy if exists audit_log_select_auditor on memoriesdb.audit_log;
create policy audit_log_select_auditor on memoriesdb.audit_log
for select
to memoriesdb_auditor
using (true);
comment on policy audit_log_select_auditor on memoriesdb.audit_log is
'Auditors read all entries, which hold no contents.';

-- Nobody has rights on a partition; maintain_audit_partitions() gives those that it makes the same.
drop policy if exists audit_log_default_all_system on memoriesdb.audit_log_default;
create policy audit_log_default_all_system on memoriesdb.audit_log_default
to memoriesdb_owner, memoriesdb_definer
using (true)
with check (true);
comment on policy audit_log_default_all_system on memoriesdb.audit_log_default is
'Migrations see every row: without this the owner would silently do nothing.';

drop policy if exists audit_log_select_eraser on memoriesdb.audit_log;
create policy audit_log_select_eraser on memoriesdb.audit_log
for select
to memoriesdb_eraser
using (true);
comment on policy audit_log_select_eraser on memoriesdb.audit_log is
'The functions that erase find what is to go.';

-- Restrictive, so that it comes first: see _gate_equal().
drop policy if exists audit_log_all_gate on memoriesdb.audit_log;
create policy audit_log_all_gate on memoriesdb.audit_log
as restrictive
to memoriesdb_app, memoriesdb_client
using (memoriesdb._gate_equal(owner_id, (select memoriesdb._user_with_scope('read'))));
comment on policy audit_log_all_gate on memoriesdb.audit_log is
'No condition of a user''s own is tried on a row that the user cannot see.';
