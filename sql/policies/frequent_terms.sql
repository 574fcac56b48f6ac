-- Declared with the table, and said again here so that an upgrade puts it right.
alter table memoriesdb.frequent_terms enable row level security;
alter table memoriesdb.frequent_terms force row level security;

drop policy if exists frequent_terms_all_system on memoriesdb.frequent_terms;
create policy frequent_terms_all_system on memoriesdb.frequent_terms
to memoriesdb_owner, memoriesdb_definer
using (true)
with check (true);
comment on policy frequent_terms_all_system on memoriesdb.frequent_terms is
'The database''s own functions, migrations and refreshes see every row: without this the owner '
'would silently do nothing.';

drop policy if exists frequent_terms_select_eraser on memoriesdb.frequent_terms;
create policy frequent_terms_select_eraser on memoriesdb.frequent_terms
for select
to memoriesdb_eraser
using (true);
comment on policy frequent_terms_select_eraser on memoriesdb.frequent_terms is
'The functions that erase find what is to go.';

drop policy if exists frequent_terms_delete_eraser on memoriesdb.frequent_terms;
create policy frequent_terms_delete_eraser on memoriesdb.frequent_terms
for delete
to memoriesdb_eraser
using (true);
comment on policy frequent_terms_delete_eraser on memoriesdb.frequent_terms is
'The functions that erase remove it.';
