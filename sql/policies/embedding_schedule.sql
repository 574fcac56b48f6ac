-- Declared with the table, and said again here so that an upgrade puts it right.
alter table memoriesdb.embedding_schedule enable row level security;
alter table memoriesdb.embedding_schedule force row level security;

drop policy if exists embedding_schedule_all_system on memoriesdb.embedding_schedule;
create policy embedding_schedule_all_system on memoriesdb.embedding_schedule
to memoriesdb_owner, memoriesdb_definer
using (true)
with check (true);
comment on policy embedding_schedule_all_system on memoriesdb.embedding_schedule is
'The database''s own functions, migrations and refreshes see every row: without this the owner '
'would silently do nothing.';

drop policy if exists embedding_schedule_select_eraser on memoriesdb.embedding_schedule;
create policy embedding_schedule_select_eraser on memoriesdb.embedding_schedule
for select
to memoriesdb_eraser
using (true);
comment on policy embedding_schedule_select_eraser on memoriesdb.embedding_schedule is
'The functions that erase find what is to go.';

drop policy if exists embedding_schedule_delete_eraser on memoriesdb.embedding_schedule;
create policy embedding_schedule_delete_eraser on memoriesdb.embedding_schedule
for delete
to memoriesdb_eraser
using (true);
comment on policy embedding_schedule_delete_eraser on memoriesdb.embedding_schedule is
'The functions that erase remove it.';
