-- Declared with the table, and said again here so that an upgrade puts it right.
alter table memoriesdb.api_tokens enable row level security;
alter table memoriesdb.api_tokens force row level security;

drop policy if exists api_tokens_all_system on memoriesdb.api_tokens;
create policy api_tokens_all_system on memoriesdb.api_tokens
to memoriesdb_owner, memoriesdb_definer
using (true)
with check (true);
comment on policy api_tokens_all_system on memoriesdb.api_tokens is
'The database''s own functions, migrations and refreshes see every row: without this the owner '
'would silently do nothing.';

drop policy if exists api_tokens_select_self on memoriesdb.api_tokens;
create policy api_tokens_select_self on memoriesdb.api_tokens
for select
to memoriesdb_app, memoriesdb_client
using (user_id = (select memoriesdb._user_with_scope('read')));
comment on policy api_tokens_select_self on memoriesdb.api_tokens is
'Users see the tokens made for them.';

drop policy if exists api_tokens_select_admin_user on memoriesdb.api_tokens;
create policy api_tokens_select_admin_user on memoriesdb.api_tokens
for select
to memoriesdb_app, memoriesdb_client
using ((select memoriesdb._user_with_scope('admin')) is not null);
comment on policy api_tokens_select_admin_user on memoriesdb.api_tokens is
'Users with the role admin, proven by a token or their login, see all tokens.';

drop policy if exists api_tokens_select_admin on memoriesdb.api_tokens;
create policy api_tokens_select_admin on memoriesdb.api_tokens
for select
to memoriesdb_admin
using (true);
comment on policy api_tokens_select_admin on memoriesdb.api_tokens is
'Admins see all tokens.';

drop policy if exists api_tokens_select_eraser on memoriesdb.api_tokens;
create policy api_tokens_select_eraser on memoriesdb.api_tokens
for select
to memoriesdb_eraser
using (true);
comment on policy api_tokens_select_eraser on memoriesdb.api_tokens is
'The functions that erase find what is to go.';

drop policy if exists api_tokens_delete_eraser on memoriesdb.api_tokens;
create policy api_tokens_delete_eraser on memoriesdb.api_tokens
for delete
to memoriesdb_eraser
using (true);
comment on policy api_tokens_delete_eraser on memoriesdb.api_tokens is
'The functions that erase remove it.';

-- Restrictive, so that it comes first: see _gate_equal().
drop policy if exists api_tokens_all_gate on memoriesdb.api_tokens;
create policy api_tokens_all_gate on memoriesdb.api_tokens
as restrictive
to memoriesdb_app, memoriesdb_client
using (
  memoriesdb._gate_equal(user_id, (select memoriesdb.current_user_id()))
  or (select memoriesdb._user_with_scope('admin')) is not null
);
comment on policy api_tokens_all_gate on memoriesdb.api_tokens is
'No condition of a user''s own is tried on a row that the user cannot see.';
