-- Declared with the table, and said again here so that an upgrade puts it right.
alter table memoriesdb.access_log enable row level security;
alter table memoriesdb.access_log force row level security;

drop policy if exists access_log_all_system on memoriesdb.access_log;
create policy access_log_all_system on memoriesdb.access_log
to memoriesdb_owner, memoriesdb_definer
using (true)
with check (true);
comment on policy access_log_all_system on memoriesdb.access_log is
'The database''s own functions, migrations and refreshes see every row: without this the owner '
'would silently do nothing.';

drop policy if exists access_log_select_self on memoriesdb.access_log;
create policy access_log_select_self on memoriesdb.access_log
for select
to memoriesdb_app, memoriesdb_client
using (user_id = (select memoriesdb._user_with_scope('read')));
comment on policy access_log_select_self on memoriesdb.access_log is
'A user reads his own accesses.';

drop policy if exists access_log_select_owner on memoriesdb.access_log;
create policy access_log_select_owner on memoriesdb.access_log
for select
to memoriesdb_app, memoriesdb_client
using (owner_id = (select memoriesdb._user_with_scope('read')));
comment on policy access_log_select_owner on memoriesdb.access_log is
'An owner reads when his grants were used, and by whom.';

drop policy if exists access_log_select_auditor on memoriesdb.access_log;
create policy access_log_select_auditor on memoriesdb.access_log
for select
to memoriesdb_auditor
using (true);
comment on policy access_log_select_auditor on memoriesdb.access_log is
'Auditors read all accesses.';

drop policy if exists access_log_select_eraser on memoriesdb.access_log;
create policy access_log_select_eraser on memoriesdb.access_log
for select
to memoriesdb_eraser
using (true);
comment on policy access_log_select_eraser on memoriesdb.access_log is
'The functions that erase and prune find what is to go.';

drop policy if exists access_log_delete_eraser on memoriesdb.access_log;
create policy access_log_delete_eraser on memoriesdb.access_log
for delete
to memoriesdb_eraser
using (true);
comment on policy access_log_delete_eraser on memoriesdb.access_log is
'The functions that erase and prune remove it; nobody else removes an entry.';

-- Restrictive, so that it comes first: see _gate_equal().
drop policy if exists access_log_all_gate on memoriesdb.access_log;
create policy access_log_all_gate on memoriesdb.access_log
as restrictive
to memoriesdb_app, memoriesdb_client
using (
  memoriesdb._gate_equal(user_id, (select memoriesdb._user_with_scope('read')))
  or memoriesdb._gate_equal(owner_id, (select memoriesdb._user_with_scope('read')))
);
comment on policy access_log_all_gate on memoriesdb.access_log is
'No condition of a user''s own is tried on a row that the user cannot see.';
