-- requires: memories embedding_models
create table memoriesdb.embedding_schedule (
  job_id bigint not null generated always as identity,
  owner_id uuid not null,
  memory_id uuid not null,
  model_id uuid not null,
  text_hash bytea not null,
  priority smallint not null default 0,
  -- The place in the model's line. Each owner has one job in a turn, so that one owner's million
  -- jobs do not starve another's one; and since turns only grow, a claim goes on where the last one
  -- ended and never passes what is done, which an open transaction may keep in the index for hours.
  turn bigint,
  attempts integer not null default 0,
  enqueued_at timestamptz not null default clock_timestamp(),
  -- When the job may be put in line: after a back-off, or when the lease of its worker has run out.
  available_at timestamptz not null default clock_timestamp(),
  lease_token bigint,
  worker text,
  dead_at timestamptz,
  -- Kept as a mark: without it, nobody would know the memory from one that was forgotten.
  dropped_at timestamptz,
  last_error text,
  constraint embedding_schedule_pkey primary key (job_id),
  constraint embedding_schedule_memory_exists
    foreign key (owner_id, memory_id)
    references memoriesdb.memories(owner_id, id) on delete cascade,
  constraint embedding_schedule_model_exists
    foreign key (model_id)
    references memoriesdb.embedding_models(id),
  constraint embedding_schedule_worker_has_lease check (worker is null or lease_token is not null),
  constraint embedding_schedule_dead_has_no_worker check (dead_at is null or worker is null),
  constraint embedding_schedule_dropped_is_dead check (dropped_at is null or dead_at is not null),
  constraint embedding_schedule_in_line_is_free check (
    turn is null or (worker is null and dead_at is null)
  )
);
-- One job that nobody has claimed yet for each memory and model; what is claimed is never coalesced
-- with.
create unique index embedding_schedule_unclaimed_idx
on memoriesdb.embedding_schedule (owner_id, memory_id, model_id)
where lease_token is null and dead_at is null;
create index embedding_schedule_owner_id_memory_id_idx
on memoriesdb.embedding_schedule (owner_id, memory_id);
-- The line of each model, which claims take from its front, and where an owner's last job stands in
-- it.
create index embedding_schedule_model_id_turn_idx
on memoriesdb.embedding_schedule (model_id, turn) where turn is not null;
create index embedding_schedule_owner_id_model_id_turn_idx
on memoriesdb.embedding_schedule (owner_id, model_id, turn) where turn is not null;
-- What is not in line: claimed, or in a back-off.
create index embedding_schedule_available_at_idx
on memoriesdb.embedding_schedule (available_at) where turn is null and dead_at is null;
create index embedding_schedule_dead_at_idx
on memoriesdb.embedding_schedule (dead_at) where dead_at is not null;
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
'Below 100 (written memories are 0) before the others (backfills and repairs are 100), which get '
'one place in sixteen meanwhile.';
comment on column memoriesdb.embedding_schedule.turn is
'Place in the line of the model, from 0 for written memories and from 2^62 for backfills; null '
'while it is claimed, in a back-off or dead.';
comment on column memoriesdb.embedding_schedule.attempts is
'How often it was claimed without success.';
comment on column memoriesdb.embedding_schedule.enqueued_at is
'When it was queued, or queued again.';
comment on column memoriesdb.embedding_schedule.available_at is
'Of what is not in line: end of the back-off of a waiting job, or of the lease of a claimed one.';
comment on column memoriesdb.embedding_schedule.lease_token is
'Fencing token: another one with every claim and when a claim ends; null while the job was never '
'claimed.';
comment on column memoriesdb.embedding_schedule.worker is
'Who has claimed it; null while it waits.';
comment on column memoriesdb.embedding_schedule.dead_at is
'When it was given up; requeue_embedding() revives it.';
comment on column memoriesdb.embedding_schedule.dropped_at is
'When an admin or the owner dropped the dead letter: the memory is meant to have no embedding by '
'this model until its text changes.';
comment on column memoriesdb.embedding_schedule.last_error is
'What went wrong last; never a text of the memory.';
comment on sequence memoriesdb.embedding_schedule_job_id_seq is
'Numbers of the jobs: embedding_schedule.job_id.';

create sequence memoriesdb.lease_token_seq;
comment on sequence memoriesdb.lease_token_seq is
'Fencing tokens of both queues: a later claim has a greater one.';
