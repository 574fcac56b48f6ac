-- Declared with the table, and said again here so that an upgrade puts it right.
alter table memoriesdb.worker_heartbeats enable row level security;
alter table memoriesdb.worker_heartbeats force row level security;

drop policy if exists worker_heartbeats_all_system on memoriesdb.worker_heartbeats;
create policy worker_heartbeats_all_system on memoriesdb.worker_heartbeats
to memoriesdb_owner, memoriesdb_definer
using (true)
with check (true);
comment on policy worker_heartbeats_all_system on memoriesdb.worker_heartbeats is
'The database''s own functions, migrations and refreshes see every row: without this the owner '
'would silently do nothing.';

drop policy if exists worker_heartbeats_select_admin on memoriesdb.worker_heartbeats;
create policy worker_heartbeats_select_admin on memoriesdb.worker_heartbeats
for select
to memoriesdb_admin, memoriesdb_auditor
using (true);
comment on policy worker_heartbeats_select_admin on memoriesdb.worker_heartbeats is
'Admins and auditors see which workers live.';
