-- requires: users embedding_models
create unlogged table memoriesdb.query_embeddings (
  owner_id uuid not null,
  model_id uuid not null,
  query_hash bytea not null,
  embedding @extschema:vector@.vector not null,
  created_at timestamptz not null default clock_timestamp(),
  -- By owner, too: a cache shared between users would tell by its speed what another one has asked.
  constraint query_embeddings_pkey primary key (owner_id, model_id, query_hash),
  constraint query_embeddings_owner_is_user foreign key (owner_id) references memoriesdb.users(id),
  constraint query_embeddings_model_exists
    foreign key (model_id)
    references memoriesdb.embedding_models(id) on delete cascade
);
alter table memoriesdb.query_embeddings enable row level security;
alter table memoriesdb.query_embeddings force row level security;
-- The planner's estimates would tell what others have written (explain … where content = 'guess'),
-- and the statistics would keep samples of texts that are erased.
alter table memoriesdb.query_embeddings
alter column query_hash set statistics 0,
alter column embedding set statistics 0;
comment on table memoriesdb.query_embeddings is
'Vectors of queries that were embedded lately, by owner, model and SHA-256 of the query. '
'Unlogged: empty after a crash. No user reads it.';
comment on column memoriesdb.query_embeddings.owner_id is 'User who asked.';
comment on column memoriesdb.query_embeddings.model_id is 'embedding_models.id';
comment on column memoriesdb.query_embeddings.query_hash is 'SHA-256 of the query with its prefix.';
comment on column memoriesdb.query_embeddings.embedding is 'The vector.';
comment on column memoriesdb.query_embeddings.created_at is 'When it was made.';
