-- Declared with the table, and said again here so that an upgrade puts it right.
alter table memoriesdb.memory_terms enable row level security;
alter table memoriesdb.memory_terms force row level security;

drop policy if exists memory_terms_all_system on memoriesdb.memory_terms;
create policy memory_terms_all_system on memoriesdb.memory_terms
to memoriesdb_owner, memoriesdb_definer
using (true)
with check (true);
comment on policy memory_terms_all_system on memoriesdb.memory_terms is
'The database''s own functions, migrations and refreshes see every row: without this the owner '
'would silently do nothing.';
