-- Declared with the table, and said again here so that an upgrade puts it right.
alter table memoriesdb.embedding_models enable row level security;
alter table memoriesdb.embedding_models force row level security;

drop policy if exists embedding_models_all_system on memoriesdb.embedding_models;
create policy embedding_models_all_system on memoriesdb.embedding_models
to memoriesdb_owner, memoriesdb_definer
using (true)
with check (true);
comment on policy embedding_models_all_system on memoriesdb.embedding_models is
'The database''s own functions, migrations and refreshes see every row: without this the owner '
'would silently do nothing.';

drop policy if exists embedding_models_select_all on memoriesdb.embedding_models;
create policy embedding_models_select_all on memoriesdb.embedding_models
for select
to memoriesdb_app, memoriesdb_client, memoriesdb_admin
using (true);
comment on policy embedding_models_select_all on memoriesdb.embedding_models is
'Models belong to nobody; addresses are kept from users by column privilege.';
