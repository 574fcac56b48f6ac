-- requires: memories embedding_models
create table memoriesdb.memory_embeddings (
  owner_id uuid not null,
  memory_id uuid not null,
  model_id uuid not null,
  doc bigint not null,
  embedding @extschema:vector@.halfvec not null,
  text_hash bytea not null,
  created_at timestamptz not null default clock_timestamp(),
  constraint memory_embeddings_pkey primary key (owner_id, memory_id, model_id),
  constraint memory_embeddings_memory_exists
    foreign key (owner_id, memory_id)
    references memoriesdb.memories(owner_id, id) on delete cascade,
  constraint memory_embeddings_model_exists
    foreign key (model_id)
    references memoriesdb.embedding_models(id),
  constraint memory_embeddings_text_hash_is_sha256 check (octet_length(text_hash) = 32)
);
-- Recall reads an owner's vectors from here and not from the table, where they lie among
-- everybody's: 7 times as fast with 10,000 of them. A longer one would not fit into an index's row.
create index memory_embeddings_nearest_idx
on memoriesdb.memory_embeddings (owner_id, model_id, doc) include (embedding)
where @extschema:vector@.vector_dims(embedding) <= 1300;
alter table memoriesdb.memory_embeddings enable row level security;
alter table memoriesdb.memory_embeddings force row level security;
-- The planner's estimates would tell what others have written (explain … where content = 'guess'),
-- and the statistics would keep samples of texts that are erased.
alter table memoriesdb.memory_embeddings
alter column embedding set statistics 0,
alter column text_hash set statistics 0;
-- Pages that a vacuum has not marked yet cost an index-only scan a look into the table for each
-- row.
alter table memoriesdb.memory_embeddings set (
  autovacuum_vacuum_insert_threshold = 1000, autovacuum_vacuum_insert_scale_factor = 0.02,
  autovacuum_vacuum_scale_factor = 0.02
);
comment on table memoriesdb.memory_embeddings is
'The vector of a memory for each model. Written by the queue''s functions; readable by those who '
'may read the memory.';
comment on column memoriesdb.memory_embeddings.owner_id is 'Owner of the memory.';
comment on column memoriesdb.memory_embeddings.memory_id is 'memories.id';
comment on column memoriesdb.memory_embeddings.model_id is 'embedding_models.id';
comment on column memoriesdb.memory_embeddings.doc is
'memories.seq: the number of the memory in the search structures.';
comment on column memoriesdb.memory_embeddings.embedding is
'Half-precision vector of embedding_models.dimensions numbers.';
comment on column memoriesdb.memory_embeddings.text_hash is
'SHA-256 of the embedded text. Differs from memories.embedding_text_hash while the last text '
'waits in the queue.';
comment on column memoriesdb.memory_embeddings.created_at is 'When it was written.';
