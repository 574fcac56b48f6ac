-- requires: memories embedding_models
create table memoriesdb.embedding_schedule (
  job_id bigint not null generated always as identity,
  owner_id uuid not null,
  memory_id uuid not null,
  model_id uuid not null,
  text_hash bytea not null,
  priority smallint not null default 0,
  attempts integer not null default 0,
  enqueued_at timestamptz not null default clock_timestamp(),
  -- When the job may be claimed: now, after a back-off, or when the lease of its worker has run
  -- out.
  available_at timestamptz not null default clock_timestamp(),
  lease_token bigint,
  worker text,
  dead_at timestamptz,
  last_error text,
  constraint embedding_schedule_pkey primary key (job_id),
  constraint embedding_schedule_memory_exists
    foreign key (owner_id, memory_id)
    references memoriesdb.memories(owner_id, id) on delete cascade,
  constraint embedding_schedule_model_exists
    foreign key (model_id)
    references memoriesdb.embedding_models(id),
  constraint embedding_schedule_worker_has_lease check (worker is null or lease_token is not null),
  constraint embedding_schedule_dead_has_no_worker check (dead_at is null or worker is null)
);
-- One job that nobody has claimed yet for each memory and model; what is claimed is never coalesced
-- with.
create unique index embedding_schedule_unclaimed_idx
on memoriesdb.embedding_schedule (owner_id, memory_id, model_id)
where lease_token is null and dead_at is null;
create index embedding_schedule_owner_id_memory_id_idx
on memoriesdb.embedding_schedule (owner_id, memory_id);
-- Claims walk from owner to owner, so that one owner's million jobs do not starve another's one: by
-- the random half of owner_id, since by its time a walk from a random place would always begin with
-- the oldest owners.
create index embedding_schedule_due_idx
on memoriesdb.embedding_schedule (substring(uuid_send(owner_id) from 9), priority, available_at)
where dead_at is null;
alter table memoriesdb.embedding_schedule enable row level security;
alter table memoriesdb.embedding_schedule force row level security;
alter table memoriesdb.embedding_schedule set (
  autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 200,
  autovacuum_vacuum_cost_delay = 0,
  autovacuum_analyze_scale_factor = 0.1, fillfactor = 70
);
comment on table memoriesdb.embedding_schedule is
'Texts to be embedded: filled by triggers in the writer''s transaction, drained by workers '
'through claim_embeddings() and its kin.';
comment on column memoriesdb.embedding_schedule.job_id is 'Number of the job.';
comment on column memoriesdb.embedding_schedule.owner_id is 'Owner of the memory.';
comment on column memoriesdb.embedding_schedule.memory_id is 'memories.id';
comment on column memoriesdb.embedding_schedule.model_id is 'embedding_models.id';
comment on column memoriesdb.embedding_schedule.text_hash is
'SHA-256 of the text to embed when the job was queued.';
comment on column memoriesdb.embedding_schedule.priority is
'Smaller first: 0 for written memories, 100 for backfills.';
comment on column memoriesdb.embedding_schedule.attempts is
'How often it was claimed without success.';
comment on column memoriesdb.embedding_schedule.enqueued_at is
'When it was queued, or queued again.';
comment on column memoriesdb.embedding_schedule.available_at is
'Not before then: back-off of a waiting job, end of the lease of a claimed one.';
comment on column memoriesdb.embedding_schedule.lease_token is
'Fencing token: another one with every claim and when a claim ends; null while the job was never '
'claimed.';
comment on column memoriesdb.embedding_schedule.worker is
'Who has claimed it; null while it waits.';
comment on column memoriesdb.embedding_schedule.dead_at is
'When it was given up; requeue_embedding() revives it.';
comment on column memoriesdb.embedding_schedule.last_error is
'What went wrong last; never a text of the memory.';
comment on sequence memoriesdb.embedding_schedule_job_id_seq is
'Numbers of the jobs: embedding_schedule.job_id.';

create sequence memoriesdb.lease_token_seq;
comment on sequence memoriesdb.lease_token_seq is
'Fencing tokens of both queues: a later claim has a greater one.';
