-- requires: embedding_models
create table memoriesdb.memory_vector_indexes (
  owner_id uuid not null,
  model_id uuid not null,
  generation integer not null,
  state text not null,
  -- Another one with each attempt, so that what a lost worker left behind is told from it.
  index_name name,
  through_doc bigint,
  dimensions integer not null,
  row_count bigint not null,
  size_bytes bigint,
  attempts integer not null default 0,
  last_error text,
  lease_token bigint,
  worker text,
  available_at timestamptz not null default clock_timestamp(),
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  ready_at timestamptz,
  constraint memory_vector_indexes_pkey primary key (owner_id, model_id, generation),
  constraint memory_vector_indexes_model_exists
    foreign key (model_id)
    references memoriesdb.embedding_models(id),
  constraint memory_vector_indexes_state_is_known
    check (state in ('wanted', 'building', 'ready', 'retired', 'failed')),
  constraint memory_vector_indexes_worker_has_lease
    check (worker is null or lease_token is not null),
  constraint memory_vector_indexes_building_has_worker
    check (state <> 'building' or worker is not null),
  constraint memory_vector_indexes_built_has_range
    check (state not in ('building', 'ready') or index_name is not null and through_doc is not null)
);
-- Recall asks for it; at most one of an owner and a model, of which there is one old generation
-- more until it is dropped.
create unique index memory_vector_indexes_owner_id_model_id_idx
on memoriesdb.memory_vector_indexes (owner_id, model_id) where state = 'ready';
alter table memoriesdb.memory_vector_indexes enable row level security;
alter table memoriesdb.memory_vector_indexes force row level security;
-- Nobody who looks at estimates learns what there is.
alter table memoriesdb.memory_vector_indexes
alter column state set statistics 0,
alter column last_error set statistics 0,
alter column worker set statistics 0;
comment on table memoriesdb.memory_vector_indexes is
'Vector indexes of the owners who are large enough to earn one: each is a partial HNSW index on '
'memory_embeddings for one owner, one model and the rows up to through_doc. Planned by '
'plan_vector_indexes(), built and dropped by the vindexing worker.';
comment on column memoriesdb.memory_vector_indexes.owner_id is 'Owner of the vectors.';
comment on column memoriesdb.memory_vector_indexes.model_id is 'embedding_models.id';
comment on column memoriesdb.memory_vector_indexes.generation is
'Counts the indexes of an owner and a model from 1: a later one covers what has come since.';
comment on column memoriesdb.memory_vector_indexes.state is
'wanted, building, ready (recall uses it), retired (to be dropped), or failed (given up; wanted '
'again a day later).';
comment on column memoriesdb.memory_vector_indexes.index_name is
'Name of the index in this schema; null before the first attempt.';
comment on column memoriesdb.memory_vector_indexes.through_doc is
'The index holds the rows of memory_embeddings with doc up to this; newer ones are weighed '
'exactly.';
comment on column memoriesdb.memory_vector_indexes.dimensions is
'Length of the model''s vectors.';
comment on column memoriesdb.memory_vector_indexes.row_count is
'Rows of the owner and the model when it was planned; rows in the index when it was built.';
comment on column memoriesdb.memory_vector_indexes.size_bytes is
'Size of the index when it was built; null before.';
comment on column memoriesdb.memory_vector_indexes.attempts is
'How often a worker began to build or drop it without success.';
comment on column memoriesdb.memory_vector_indexes.last_error is 'What went wrong last.';
comment on column memoriesdb.memory_vector_indexes.lease_token is
'Fencing token: another one with every claim; null while it was never claimed.';
comment on column memoriesdb.memory_vector_indexes.worker is
'Who builds or drops it; null while nobody does.';
comment on column memoriesdb.memory_vector_indexes.available_at is
'Not before then: back-off after a failure, end of the lease of a claimed one.';
comment on column memoriesdb.memory_vector_indexes.created_at is 'When it was planned.';
comment on column memoriesdb.memory_vector_indexes.updated_at is 'When its state changed last.';
comment on column memoriesdb.memory_vector_indexes.ready_at is
'When it was ready; null before.';
