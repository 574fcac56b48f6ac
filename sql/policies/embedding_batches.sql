-- Declared with the table, and said again here so that an upgrade puts it right.
alter table memoriesdb.embedding_batches enable row level security;
alter table memoriesdb.embedding_batches force row level security;

drop policy if exists embedding_batches_all_system on memoriesdb.embedding_batches;
create policy embedding_batches_all_system on memoriesdb.embedding_batches
to memoriesdb_owner, memoriesdb_definer
using (true)
with check (true);
comment on policy embedding_batches_all_system on memoriesdb.embedding_batches is
'The database''s own functions, migrations and refreshes see every row: without this the owner '
'would silently do nothing.';
