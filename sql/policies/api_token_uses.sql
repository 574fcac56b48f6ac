-- Declared with the table, and said again here so that an upgrade puts it right.
alter table memoriesdb.api_token_uses enable row level security;
alter table memoriesdb.api_token_uses force row level security;

drop policy if exists api_token_uses_all_system on memoriesdb.api_token_uses;
create policy api_token_uses_all_system on memoriesdb.api_token_uses
to memoriesdb_owner, memoriesdb_definer
using (true)
with check (true);
comment on policy api_token_uses_all_system on memoriesdb.api_token_uses is
'The database''s own functions, migrations and refreshes see every row: without this the owner '
'would silently do nothing.';

drop policy if exists api_token_uses_select_admin on memoriesdb.api_token_uses;
create policy api_token_uses_select_admin on memoriesdb.api_token_uses
for select
to memoriesdb_admin
using (true);
comment on policy api_token_uses_select_admin on memoriesdb.api_token_uses is
'Admins see all uses.';

drop policy if exists api_token_uses_select_admin_user on memoriesdb.api_token_uses;
create policy api_token_uses_select_admin_user on memoriesdb.api_token_uses
for select
to memoriesdb_app, memoriesdb_client
using ((select memoriesdb._user_with_scope('admin')) is not null);
comment on policy api_token_uses_select_admin_user on memoriesdb.api_token_uses is
'Users with the role admin, proven by a token or their login, see all uses.';

drop policy if exists api_token_uses_select_eraser on memoriesdb.api_token_uses;
create policy api_token_uses_select_eraser on memoriesdb.api_token_uses
for select
to memoriesdb_eraser
using (true);
comment on policy api_token_uses_select_eraser on memoriesdb.api_token_uses is
'The functions that erase find what is to go.';

drop policy if exists api_token_uses_delete_eraser on memoriesdb.api_token_uses;
create policy api_token_uses_delete_eraser on memoriesdb.api_token_uses
for delete
to memoriesdb_eraser
using (true);
comment on policy api_token_uses_delete_eraser on memoriesdb.api_token_uses is
'The functions that erase remove it.';
