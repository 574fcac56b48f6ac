create table memoriesdb.vindexing_schedule (
  job_id bigint not null generated always as identity,
  slice smallint not null,
  -- One request for each transaction and slice: an upsert here would make all writers of a slice
  -- wait for each other.
  xid xid8 not null,
  attempts integer not null default 0,
  enqueued_at timestamptz not null default clock_timestamp(),
  available_at timestamptz not null default clock_timestamp(),
  lease_token bigint,
  worker text,
  dead_at timestamptz,
  last_error text,
  constraint vindexing_schedule_pkey primary key (job_id),
  constraint vindexing_schedule_slice_exists check (slice between 0 and 15),
  constraint vindexing_schedule_worker_has_lease check (worker is null or lease_token is not null),
  constraint vindexing_schedule_dead_has_no_worker check (dead_at is null or worker is null)
);
create index vindexing_schedule_slice_xid_idx on memoriesdb.vindexing_schedule (slice, xid);
alter table memoriesdb.vindexing_schedule enable row level security;
alter table memoriesdb.vindexing_schedule force row level security;
alter table memoriesdb.vindexing_schedule set (
  autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 200,
  autovacuum_vacuum_cost_delay = 0,
  fillfactor = 70
);
comment on table memoriesdb.vindexing_schedule is
'Requests to refresh slices of memory_graph: filled by triggers in the writer''s transaction, '
'coalesced when a worker claims a slice.';
comment on column memoriesdb.vindexing_schedule.job_id is 'Number of the request.';
comment on column memoriesdb.vindexing_schedule.slice is
'Slice of memory_graph, 0 to 15: see _graph_slice().';
comment on column memoriesdb.vindexing_schedule.xid is 'Transaction that asked.';
comment on column memoriesdb.vindexing_schedule.attempts is
'How often it was claimed without success.';
comment on column memoriesdb.vindexing_schedule.enqueued_at is 'When it was asked for.';
comment on column memoriesdb.vindexing_schedule.available_at is
'Not before then: back-off of a waiting request, end of the lease of a claimed one.';
comment on column memoriesdb.vindexing_schedule.lease_token is
'Fencing token: the same for all requests of a claim, another one when it ends; null while never '
'claimed.';
comment on column memoriesdb.vindexing_schedule.worker is
'Who has claimed it; null while it waits.';
comment on column memoriesdb.vindexing_schedule.dead_at is
'When it was given up; a later request of the slice does its work.';
comment on column memoriesdb.vindexing_schedule.last_error is 'What went wrong last.';
comment on sequence memoriesdb.vindexing_schedule_job_id_seq is
'Numbers of the requests: vindexing_schedule.job_id.';
