-- Written once and never changed: a row that is updated by every claim would leave its former
-- versions behind for as long as any transaction is open, and each claim would pass over them.
create table memoriesdb.embedding_batches (
  -- No references: claims alone write here, and a check would lock the model in each.
  model_id uuid not null,
  lease_token bigint not null,
  job_ids bigint[] not null,
  claimed_at timestamptz not null,
  ends_at timestamptz not null,
  head bigint not null,
  top bigint not null,
  backfill_head bigint not null,
  backfill_top bigint not null,
  due_at timestamptz not null,
  oldest_token bigint not null,
  walk_seconds double precision not null,
  constraint embedding_batches_pkey primary key (model_id, lease_token)
);
alter table memoriesdb.embedding_batches enable row level security;
alter table memoriesdb.embedding_batches force row level security;
alter table memoriesdb.embedding_batches set (
  autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 200,
  autovacuum_vacuum_cost_delay = 0
);
comment on table memoriesdb.embedding_batches is
'Batches that were claimed from embedding_schedule in the last minutes: how many a model has at '
'once, and from where in its line the next claim goes on. What is lost here is found again.';
comment on column memoriesdb.embedding_batches.model_id is 'embedding_models.id';
comment on column memoriesdb.embedding_batches.lease_token is
'Fencing token of the claim: embedding_schedule.lease_token.';
comment on column memoriesdb.embedding_batches.job_ids is
'The jobs that were claimed: embedding_schedule.job_id.';
comment on column memoriesdb.embedding_batches.claimed_at is 'When it was claimed.';
comment on column memoriesdb.embedding_batches.ends_at is 'End of the lease.';
comment on column memoriesdb.embedding_batches.head is
'Least embedding_schedule.turn that stood in the line of written memories.';
comment on column memoriesdb.embedding_batches.top is
'Greatest turn that has been claimed of it: who has nothing in line begins there.';
comment on column memoriesdb.embedding_batches.backfill_head is
'Least turn that stood in the line of backfills.';
comment on column memoriesdb.embedding_batches.backfill_top is
'Greatest turn that has been claimed of it.';
comment on column memoriesdb.embedding_batches.due_at is
'What came due before then had been put in line.';
comment on column memoriesdb.embedding_batches.oldest_token is
'No batch before this one was held any more.';
comment on column memoriesdb.embedding_batches.walk_seconds is
'How long the last walk along the whole line took, in seconds: one is made when fifty times as '
'long has passed.';
