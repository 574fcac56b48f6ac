-- Declared with the table, and said again here so that an upgrade puts it right.
alter table memoriesdb.memory_vector_indexes enable row level security;
alter table memoriesdb.memory_vector_indexes force row level security;

drop policy if exists memory_vector_indexes_all_system on memoriesdb.memory_vector_indexes;
create policy memory_vector_indexes_all_system on memoriesdb.memory_vector_indexes
to memoriesdb_owner, memoriesdb_definer
using (true)
with check (true);
comment on policy memory_vector_indexes_all_system on memoriesdb.memory_vector_indexes is
'The database''s own functions, migrations and refreshes see every row: without this the owner '
'would silently do nothing.';

drop policy if exists memory_vector_indexes_select_admin on memoriesdb.memory_vector_indexes;
create policy memory_vector_indexes_select_admin on memoriesdb.memory_vector_indexes
for select
to memoriesdb_admin
using (true);
comment on policy memory_vector_indexes_select_admin on memoriesdb.memory_vector_indexes is
'Admins see which indexes there are, and what is being built.';

drop policy if exists memory_vector_indexes_select_eraser on memoriesdb.memory_vector_indexes;
create policy memory_vector_indexes_select_eraser on memoriesdb.memory_vector_indexes
for select
to memoriesdb_eraser
using (true);
comment on policy memory_vector_indexes_select_eraser on memoriesdb.memory_vector_indexes is
'The functions that erase find what is to go.';

drop policy if exists memory_vector_indexes_delete_eraser on memoriesdb.memory_vector_indexes;
create policy memory_vector_indexes_delete_eraser on memoriesdb.memory_vector_indexes
for delete
to memoriesdb_eraser
using (true);
comment on policy memory_vector_indexes_delete_eraser on memoriesdb.memory_vector_indexes is
'The functions that erase remove it.';
