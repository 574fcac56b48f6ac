-- Declared with the table, and said again here so that an upgrade puts it right.
alter table memoriesdb.search_counts enable row level security;
alter table memoriesdb.search_counts force row level security;

drop policy if exists search_counts_all_system on memoriesdb.search_counts;
create policy search_counts_all_system on memoriesdb.search_counts
to memoriesdb_owner, memoriesdb_definer
using (true)
with check (true);
comment on policy search_counts_all_system on memoriesdb.search_counts is
'The database''s own functions, migrations and refreshes see every row: without this the owner '
'would silently do nothing.';

drop policy if exists search_counts_select_eraser on memoriesdb.search_counts;
create policy search_counts_select_eraser on memoriesdb.search_counts
for select
to memoriesdb_eraser
using (true);
comment on policy search_counts_select_eraser on memoriesdb.search_counts is
'The functions that erase find what is to go.';

drop policy if exists search_counts_delete_eraser on memoriesdb.search_counts;
create policy search_counts_delete_eraser on memoriesdb.search_counts
for delete
to memoriesdb_eraser
using (true);
comment on policy search_counts_delete_eraser on memoriesdb.search_counts is
'The functions that erase remove it.';
