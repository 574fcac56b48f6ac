create table memoriesdb.access_log (
  access_id bigint not null generated always as identity,
  at timestamptz not null default clock_timestamp(),
  user_id uuid,
  login name not null,
  action text not null,
  outcome text not null,
  memory_ids uuid[] not null default '{}',
  result_count integer not null,
  constraint access_log_pkey primary key (access_id),
  constraint access_log_outcome_is_known check (outcome in ('answered', 'refused')),
  constraint access_log_result_count_is_not_negative check (result_count >= 0)
);
create index access_log_user_id_idx on memoriesdb.access_log (user_id, access_id);
alter table memoriesdb.access_log enable row level security;
alter table memoriesdb.access_log force row level security;
-- The planner's estimates would tell what others have written (explain … where content = 'guess'),
-- and the statistics would keep samples of texts that are erased.
alter table memoriesdb.access_log
alter column action set statistics 0,
alter column outcome set statistics 0,
alter column memory_ids set statistics 0;
comment on table memoriesdb.access_log is
'Who recalled or read which memories through functions, and what was refused. Append-only; read '
'by the auditor, and by a user for himself.';
comment on column memoriesdb.access_log.access_id is 'Number of the entry.';
comment on column memoriesdb.access_log.at is 'When, by the clock.';
comment on column memoriesdb.access_log.user_id is 'User who asked; null where there was none.';
comment on column memoriesdb.access_log.login is 'Login of the session (session_user).';
comment on column memoriesdb.access_log.action is 'Function that was called.';
comment on column memoriesdb.access_log.outcome is 'answered or refused.';
comment on column memoriesdb.access_log.memory_ids is
'Memories that were returned, or that were asked for and refused.';
comment on column memoriesdb.access_log.result_count is 'How many memories were returned.';
comment on sequence memoriesdb.access_log_access_id_seq is
'Numbers of the entries: access_log.access_id.';
