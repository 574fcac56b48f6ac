-- Declared with the table, and said again here so that an upgrade puts it right.
alter table memoriesdb.memory_holds enable row level security;
alter table memoriesdb.memory_holds force row level security;

drop policy if exists memory_holds_all_system on memoriesdb.memory_holds;
create policy memory_holds_all_system on memoriesdb.memory_holds
to memoriesdb_owner, memoriesdb_definer
using (true)
with check (true);
comment on policy memory_holds_all_system on memoriesdb.memory_holds is
'The database''s own functions, migrations and refreshes see every row: without this the owner '
'would silently do nothing.';

drop policy if exists memory_holds_select_owner on memoriesdb.memory_holds;
create policy memory_holds_select_owner on memoriesdb.memory_holds
for select
to memoriesdb_app, memoriesdb_client
using (owner_id = (select memoriesdb._user_with_scope('read')));
comment on policy memory_holds_select_owner on memoriesdb.memory_holds is
'Owners see what is held of theirs.';

drop policy if exists memory_holds_select_admin_user on memoriesdb.memory_holds;
create policy memory_holds_select_admin_user on memoriesdb.memory_holds
for select
to memoriesdb_app, memoriesdb_client
using ((select memoriesdb._user_with_scope('admin')) is not null);
comment on policy memory_holds_select_admin_user on memoriesdb.memory_holds is
'Users with the role admin, proven by a token or their login, see all holds.';

drop policy if exists memory_holds_select_admin on memoriesdb.memory_holds;
create policy memory_holds_select_admin on memoriesdb.memory_holds
for select
to memoriesdb_admin
using (true);
comment on policy memory_holds_select_admin on memoriesdb.memory_holds is
'Admins see all holds.';

drop policy if exists memory_holds_select_auditor on memoriesdb.memory_holds;
create policy memory_holds_select_auditor on memoriesdb.memory_holds
for select
to memoriesdb_auditor
using (true);
comment on policy memory_holds_select_auditor on memoriesdb.memory_holds is
'Auditors see all holds.';

-- Restrictive, so that it comes first: see _gate_equal().
drop policy if exists memory_holds_all_gate on memoriesdb.memory_holds;
create policy memory_holds_all_gate on memoriesdb.memory_holds
as restrictive
to memoriesdb_app, memoriesdb_client
using (
  memoriesdb._gate_equal(owner_id, (select memoriesdb._user_with_scope('read')))
  or (select memoriesdb._user_with_scope('admin')) is not null
);
comment on policy memory_holds_all_gate on memoriesdb.memory_holds is
'No condition of a user''s own is tried on a row that the user cannot see.';
