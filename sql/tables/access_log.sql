create table memoriesdb.access_log (
  access_id bigint not null generated always as identity,
  at timestamptz not null default clock_timestamp(),
  user_id uuid,
  token_id uuid,
  actor_id uuid,
  login name not null,
  action text not null,
  outcome text not null,
  query_hash bytea,
  memory_ids uuid[] not null default '{}',
  result_count integer not null,
  owner_id uuid,
  constraint access_log_pkey primary key (access_id),
  constraint access_log_outcome_is_known check (
    outcome in ('answered', 'refused', 'granted')
  ),
  -- To the owner, whoever asked and by which service is no secret; what he searched for is.
  constraint access_log_grant_has_its_owner check (
    (outcome = 'granted') = (owner_id is not null)
    and (outcome <> 'granted' or (query_hash is null and token_id is null))
  ),
  constraint access_log_query_hash_is_sha256 check (octet_length(query_hash) = 32),
  constraint access_log_result_count_is_not_negative check (result_count >= 0)
);
create index access_log_user_id_idx on memoriesdb.access_log (user_id, access_id);
create index access_log_owner_id_idx on memoriesdb.access_log (owner_id, access_id);
alter table memoriesdb.access_log enable row level security;
alter table memoriesdb.access_log force row level security;
-- The planner's estimates would tell what others have written (explain … where content = 'guess'),
-- and the statistics would keep samples of texts that are erased.
alter table memoriesdb.access_log
alter column action set statistics 0,
alter column outcome set statistics 0,
alter column query_hash set statistics 0,
alter column memory_ids set statistics 0;
comment on table memoriesdb.access_log is
'Who recalled or read which memories through functions, and what was refused; and for each owner '
'of shared memories among them an entry more, with outcome granted. Append-only; read by the '
'auditor, by a user for himself, and by an owner where his grants were used. Entries go as '
'settings.access_log_retention_days says.';
comment on column memoriesdb.access_log.access_id is 'Number of the entry.';
comment on column memoriesdb.access_log.at is 'When, by the clock.';
comment on column memoriesdb.access_log.user_id is 'User who asked; null where there was none.';
comment on column memoriesdb.access_log.token_id is
'Token by which the session was opened; null where there was none, and in entries granted.';
comment on column memoriesdb.access_log.actor_id is
'Service that acted for the user; null where the user acted himself.';
comment on column memoriesdb.access_log.login is 'Login of the session (session_user).';
comment on column memoriesdb.access_log.action is
'Function that was called; export: by that command.';
comment on column memoriesdb.access_log.outcome is
'answered, refused (not the user''s to read, or not there), or granted: beside an entry answered, '
'the memories of one other owner that were read by his grants.';
comment on column memoriesdb.access_log.query_hash is
'HMAC-SHA-256 of user and query with a key that nobody can read: equal queries of one user are '
'equal, and nobody else can guess at them. Null where there was no query text.';
comment on column memoriesdb.access_log.memory_ids is
'Memories that were returned, or that were asked for and refused. Empty for as_of and '
'export, which return all that one has.';
comment on column memoriesdb.access_log.result_count is 'How many memories were returned.';
comment on column memoriesdb.access_log.owner_id is
'Owner whose grants were used, where the outcome is granted; else null.';
comment on sequence memoriesdb.access_log_access_id_seq is
'Numbers of the entries: access_log.access_id.';
