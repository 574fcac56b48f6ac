-- Declared with the table, and said again here so that an upgrade puts it right.
alter table memoriesdb.query_embeddings enable row level security;
alter table memoriesdb.query_embeddings force row level security;

drop policy if exists query_embeddings_all_system on memoriesdb.query_embeddings;
create policy query_embeddings_all_system on memoriesdb.query_embeddings
to memoriesdb_owner, memoriesdb_definer
using (true)
with check (true);
comment on policy query_embeddings_all_system on memoriesdb.query_embeddings is
'The database''s own functions, migrations and refreshes see every row: without this the owner '
'would silently do nothing.';

drop policy if exists query_embeddings_select_eraser on memoriesdb.query_embeddings;
create policy query_embeddings_select_eraser on memoriesdb.query_embeddings
for select
to memoriesdb_eraser
using (true);
comment on policy query_embeddings_select_eraser on memoriesdb.query_embeddings is
'The functions that erase find what is to go.';

drop policy if exists query_embeddings_delete_eraser on memoriesdb.query_embeddings;
create policy query_embeddings_delete_eraser on memoriesdb.query_embeddings
for delete
to memoriesdb_eraser
using (true);
comment on policy query_embeddings_delete_eraser on memoriesdb.query_embeddings is
'The functions that erase remove it.';
