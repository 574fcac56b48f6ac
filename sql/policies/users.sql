-- Declared with the table, and said again here so that an upgrade puts it right.
alter table memoriesdb.users enable row level security;
alter table memoriesdb.users force row level security;

drop policy if exists users_all_system on memoriesdb.users;
create policy users_all_system on memoriesdb.users
to memoriesdb_owner, memoriesdb_definer
using (true)
with check (true);
comment on policy users_all_system on memoriesdb.users is
'The database''s own functions, migrations and refreshes see every row: without this the owner '
'would silently do nothing.';

drop policy if exists users_select_self on memoriesdb.users;
create policy users_select_self on memoriesdb.users
for select
to memoriesdb_app, memoriesdb_client
using (id = (select memoriesdb.current_user_id()));
comment on policy users_select_self on memoriesdb.users is
'A user sees his own row.';

drop policy if exists users_select_admin on memoriesdb.users;
create policy users_select_admin on memoriesdb.users
for select
to memoriesdb_admin
using (true);
comment on policy users_select_admin on memoriesdb.users is
'Admins see all users.';

drop policy if exists users_select_admin_user on memoriesdb.users;
create policy users_select_admin_user on memoriesdb.users
for select
to memoriesdb_app, memoriesdb_client
using ((select memoriesdb._user_with_scope('admin')) is not null);
comment on policy users_select_admin_user on memoriesdb.users is
'Users with the role admin, proven by a token or their login, see all users.';

drop policy if exists users_select_eraser on memoriesdb.users;
create policy users_select_eraser on memoriesdb.users
for select
to memoriesdb_eraser
using (true);
comment on policy users_select_eraser on memoriesdb.users is
'The functions that erase find what is to go.';

drop policy if exists users_delete_eraser on memoriesdb.users;
create policy users_delete_eraser on memoriesdb.users
for delete
to memoriesdb_eraser
using (true);
comment on policy users_delete_eraser on memoriesdb.users is
'The functions that erase remove it.';

-- Restrictive, so that it comes first: see _gate_equal().
drop policy if exists users_all_gate on memoriesdb.users;
create policy users_all_gate on memoriesdb.users
as restrictive
to memoriesdb_app, memoriesdb_client
using (
  memoriesdb._gate_equal(id, (select memoriesdb.current_user_id()))
  or (select memoriesdb._user_with_scope('admin')) is not null
);
comment on policy users_all_gate on memoriesdb.users is
'No condition of a user''s own is tried on a row that the user cannot see.';
