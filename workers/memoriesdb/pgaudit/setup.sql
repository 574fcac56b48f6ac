-- What pgaudit is to log: reads of the tables that hold what people remember. To be run in each
-- database with MemoriesDB, by a superuser, once; again after an upgrade that makes new tables.
--
--   psql --dbname … --set ON_ERROR_STOP=1 --file setup.sql
--
-- The role reads nothing itself: nobody logs in as it, and row-level security has no policy for it.
do $block$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'memoriesdb_pgaudit') then
    create role memoriesdb_pgaudit nologin;
  end if;
end;
$block$;

comment on role memoriesdb_pgaudit is
'Names what pgaudit logs (pgaudit.role): reads of the tables on which it has SELECT.';
grant select on
memoriesdb.memories, memoriesdb.memory_versions, memoriesdb.memory_embeddings,
memoriesdb.memory_edges, memoriesdb.memory_graph, memoriesdb.audit_payloads,
memoriesdb.memory_documents, memoriesdb.memory_terms, memoriesdb.frequent_terms
to memoriesdb_pgaudit;
