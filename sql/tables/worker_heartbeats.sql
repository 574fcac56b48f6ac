create table memoriesdb.worker_heartbeats (
  worker text not null,
  duty text not null,
  version text not null,
  state text not null,
  jobs_done bigint not null default 0,
  jobs_failed bigint not null default 0,
  login name not null,
  started_at timestamptz not null,
  seen_at timestamptz not null,
  sampled_at timestamptz not null default clock_timestamp(),
  sampled_done bigint not null default 0,
  resampled_at timestamptz not null default clock_timestamp(),
  resampled_done bigint not null default 0,
  constraint worker_heartbeats_pkey primary key (worker, duty),
  constraint worker_heartbeats_state_is_known check (
    state in ('starting', 'running', 'paused', 'stopping', 'stopped')
  ),
  constraint worker_heartbeats_worker_is_short check (char_length(worker) between 1 and 200)
);
alter table memoriesdb.worker_heartbeats enable row level security;
alter table memoriesdb.worker_heartbeats force row level security;
alter table memoriesdb.worker_heartbeats set (fillfactor = 50);
comment on table memoriesdb.worker_heartbeats is
'Signs of life of the workers, written through worker_heartbeat() and read by admins.';
comment on column memoriesdb.worker_heartbeats.worker is 'Name of the process.';
comment on column memoriesdb.worker_heartbeats.duty is
'What it does: embedding, vindexing or sealing.';
comment on column memoriesdb.worker_heartbeats.version is 'Version of the package it runs.';
comment on column memoriesdb.worker_heartbeats.state is
'starting, running, paused (a provider of embeddings failed and is left alone for a while), '
'stopping or stopped.';
comment on column memoriesdb.worker_heartbeats.jobs_done is 'Jobs done since it started.';
comment on column memoriesdb.worker_heartbeats.jobs_failed is 'Jobs failed since it started.';
comment on column memoriesdb.worker_heartbeats.login is 'Login it connects as.';
comment on column memoriesdb.worker_heartbeats.started_at is 'First sign of life of this process.';
comment on column memoriesdb.worker_heartbeats.seen_at is 'Last sign of life.';
comment on column memoriesdb.worker_heartbeats.sampled_at is
'When sampled_done was jobs_done, two and a half to five minutes ago: for the rate of '
'queue_status.';
comment on column memoriesdb.worker_heartbeats.sampled_done is 'jobs_done at that time.';
comment on column memoriesdb.worker_heartbeats.resampled_at is 'When the next sample was taken.';
comment on column memoriesdb.worker_heartbeats.resampled_done is 'jobs_done at that time.';
