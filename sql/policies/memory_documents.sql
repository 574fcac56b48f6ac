-- Declared with the table, and said again here so that an upgrade puts it right.
alter table memoriesdb.memory_documents enable row level security;
alter table memoriesdb.memory_documents force row level security;

drop policy if exists memory_documents_all_system on memoriesdb.memory_documents;
create policy memory_documents_all_system on memoriesdb.memory_documents
to memoriesdb_owner, memoriesdb_definer
using (true)
with check (true);
comment on policy memory_documents_all_system on memoriesdb.memory_documents is
'The database''s own functions, migrations and refreshes see every row: without this the owner '
'would silently do nothing.';
