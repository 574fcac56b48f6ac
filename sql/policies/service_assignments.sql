-- Declared with the table, and said again here so that an upgrade puts it right.
alter table memoriesdb.service_assignments enable row level security;
alter table memoriesdb.service_assignments force row level security;

drop policy if exists service_assignments_all_system on memoriesdb.service_assignments;
create policy service_assignments_all_system on memoriesdb.service_assignments
to memoriesdb_owner, memoriesdb_definer
using (true)
with check (true);
comment on policy service_assignments_all_system on memoriesdb.service_assignments is
'The database''s own functions, migrations and refreshes see every row: without this the owner '
'would silently do nothing.';

drop policy if exists service_assignments_select_service on memoriesdb.service_assignments;
create policy service_assignments_select_service on memoriesdb.service_assignments
for select
to memoriesdb_app, memoriesdb_client
using (service_id = (select memoriesdb._user_with_scope('read')));
comment on policy service_assignments_select_service on memoriesdb.service_assignments is
'Services see for whom they may act.';

drop policy if exists service_assignments_select_user on memoriesdb.service_assignments;
create policy service_assignments_select_user on memoriesdb.service_assignments
for select
to memoriesdb_app, memoriesdb_client
using (user_id = (select memoriesdb._user_with_scope('read')));
comment on policy service_assignments_select_user on memoriesdb.service_assignments is
'Users see who may act for them.';

drop policy if exists service_assignments_select_admin_user on memoriesdb.service_assignments;
create policy service_assignments_select_admin_user on memoriesdb.service_assignments
for select
to memoriesdb_app, memoriesdb_client
using ((select memoriesdb._user_with_scope('admin')) is not null);
comment on policy service_assignments_select_admin_user on memoriesdb.service_assignments is
'Users with the role admin, proven by a token or their login, see all assignments.';

drop policy if exists service_assignments_select_admin on memoriesdb.service_assignments;
create policy service_assignments_select_admin on memoriesdb.service_assignments
for select
to memoriesdb_admin
using (true);
comment on policy service_assignments_select_admin on memoriesdb.service_assignments is
'Admins see all assignments.';

drop policy if exists service_assignments_select_eraser on memoriesdb.service_assignments;
create policy service_assignments_select_eraser on memoriesdb.service_assignments
for select
to memoriesdb_eraser
using (true);
comment on policy service_assignments_select_eraser on memoriesdb.service_assignments is
'The functions that erase find what is to go.';

drop policy if exists service_assignments_delete_eraser on memoriesdb.service_assignments;
create policy service_assignments_delete_eraser on memoriesdb.service_assignments
for delete
to memoriesdb_eraser
using (true);
comment on policy service_assignments_delete_eraser on memoriesdb.service_assignments is
'The functions that erase remove it.';

-- Restrictive, so that it comes first: see _gate_equal().
drop policy if exists service_assignments_all_gate on memoriesdb.service_assignments;
create policy service_assignments_all_gate on memoriesdb.service_assignments
as restrictive
to memoriesdb_app, memoriesdb_client
using (
  memoriesdb._gate_equal(service_id, (select memoriesdb.current_user_id()))
  or memoriesdb._gate_equal(user_id, (select memoriesdb.current_user_id()))
  or (select memoriesdb._user_with_scope('admin')) is not null
);
comment on policy service_assignments_all_gate on memoriesdb.service_assignments is
'No condition of a user''s own is tried on a row that the user cannot see.';
