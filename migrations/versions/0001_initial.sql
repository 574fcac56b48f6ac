-- The tables as they were declared when this migration was made. Frozen: a released migration never
-- changes.

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

create table memoriesdb.users (
  id uuid not null,
  username text not null,
  email text,
  role text not null default 'user',
  is_active boolean not null default true,
  -- A login that acts as this user. The oid is kept beside the name: a name can be dropped and
  -- taken by somebody else.
  db_role name,
  db_role_oid oid,
  created_at timestamptz not null,
  deactivated_at timestamptz,
  constraint users_pkey primary key (id),
  constraint users_username_is_short check (
    username = btrim(username) and char_length(username) between 1 and 200
  ),
  -- A name is a line in a list: none ends it, colours it or turns it round.
  constraint users_username_is_one_line check (
    username !~ '[\u0001-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]'
  ),
  constraint users_email_looks_like_one check (
    email ~ '^[^@\s]+@[^@\s]+$' and char_length(email) <= 320
  ),
  constraint users_role_is_known check (role in ('admin', 'user', 'service', 'viewer')),
  constraint users_inactive_has_time check (is_active = (deactivated_at is null)),
  constraint users_db_role_has_oid check ((db_role is null) = (db_role_oid is null)),
  constraint users_db_role_is_unique unique (db_role)
);
-- Not of the bare name: || is not leakproof, so no condition of a user's own is looked up in the
-- index. By the name itself EXPLAIN ANALYZE told which names there are, letter by letter.
create unique index users_username_idx on memoriesdb.users ((username || ''));
alter index memoriesdb.users_username_idx alter column 1 set statistics 0;
alter table memoriesdb.users enable row level security;
alter table memoriesdb.users force row level security;
-- The planner's estimates would tell what others have written (explain … where content = 'guess'),
-- and the statistics would keep samples of texts that are erased.
alter table memoriesdb.users
alter column username set statistics 0,
alter column email set statistics 0,
alter column role set statistics 0;
comment on table memoriesdb.users is
'Those who own memories: people and agents. Managed by memoriesdb_admin through functions; a '
'user sees his own row.';
comment on column memoriesdb.users.id is 'Time-ordered UUID.';
comment on column memoriesdb.users.username is
'Unique name, 1 to 200 characters, none of them a control character.';
comment on column memoriesdb.users.email is 'Optional; not used for anything here.';
comment on column memoriesdb.users.role is 'admin, user, service, or viewer (reads only).';
comment on column memoriesdb.users.is_active is 'False: no session can act as this user any more.';
comment on column memoriesdb.users.db_role is
'Login that acts as this user without naming it (map_db_role).';
comment on column memoriesdb.users.db_role_oid is 'Oid of that login when it was mapped.';
comment on column memoriesdb.users.created_at is 'When the user was made.';
comment on column memoriesdb.users.deactivated_at is 'When the user was deactivated.';

-- Read without regard to snapshots: see _raise_if_unseen().
create sequence memoriesdb.deactivation_mark_seq;
comment on sequence memoriesdb.deactivation_mark_seq is
'Number of the transaction that last deactivated a user or mapped a login.';

create table memoriesdb.api_tokens (
  id uuid not null,
  user_id uuid not null,
  token_hash bytea not null,
  scopes text[] not null,
  label text,
  issued_by uuid,
  issued_by_login name not null,
  issued_at timestamptz not null,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  constraint api_tokens_pkey primary key (id),
  constraint api_tokens_user_exists foreign key (user_id) references memoriesdb.users(id),
  constraint api_tokens_token_hash_is_sha256 check (octet_length(token_hash) = 32),
  constraint api_tokens_scopes_are_known check (
    cardinality(scopes) > 0 and scopes <@ array['read', 'write', 'share', 'admin']
  ),
  constraint api_tokens_label_is_short check (char_length(label) between 1 and 200),
  constraint api_tokens_expires_after_issue check (expires_at > issued_at)
);
create index api_tokens_user_id_idx on memoriesdb.api_tokens (user_id);
alter table memoriesdb.api_tokens enable row level security;
alter table memoriesdb.api_tokens force row level security;
-- The planner's estimates would tell what others have.
alter table memoriesdb.api_tokens
alter column token_hash set statistics 0,
alter column scopes set statistics 0,
alter column label set statistics 0;
comment on table memoriesdb.api_tokens is
'Tokens by which a session becomes a user (login). A token is shown once, by issue_token(); only '
'its hash is kept. Seen by admins and by their user, without the hash.';
comment on column memoriesdb.api_tokens.id is 'Time-ordered UUID.';
comment on column memoriesdb.api_tokens.user_id is 'User whom it opens a session for.';
comment on column memoriesdb.api_tokens.token_hash is
'SHA-256 of the token, which has 256 random bits. Readable by nobody.';
comment on column memoriesdb.api_tokens.scopes is
'What its sessions may do: read, write, share, admin.';
comment on column memoriesdb.api_tokens.label is 'What it is for, as whoever issued it said.';
comment on column memoriesdb.api_tokens.issued_by is
'User who issued it; null where an admin did by his login.';
comment on column memoriesdb.api_tokens.issued_by_login is 'Login that issued it.';
comment on column memoriesdb.api_tokens.issued_at is 'When it was issued.';
comment on column memoriesdb.api_tokens.expires_at is 'From then on it opens no session.';
comment on column memoriesdb.api_tokens.revoked_at is
'Since then it opens no session; transactions that are open go on.';

-- Apart from api_tokens: a mark of use is no change of the token, and is not audited.
create table memoriesdb.api_token_uses (
  token_id uuid not null,
  last_used_at timestamptz,
  constraint api_token_uses_pkey primary key (token_id),
  constraint api_token_uses_token_exists
    foreign key (token_id)
    references memoriesdb.api_tokens(id) on delete cascade
);
alter table memoriesdb.api_token_uses enable row level security;
alter table memoriesdb.api_token_uses force row level security;
comment on table memoriesdb.api_token_uses is
'When each token was used last, to the minute.';
comment on column memoriesdb.api_token_uses.token_id is 'api_tokens.id';
comment on column memoriesdb.api_token_uses.last_used_at is
'A login of about then; written at most once a minute, and never waited for. Null: never used, or '
'by read-only and repeatable-read transactions alone.';

create table memoriesdb.audit_log (
  audit_id bigint not null generated always as identity,
  at timestamptz not null,
  -- The 64-bit id never wraps; with the cluster it was counted in, a sealer can tell whether it has
  -- ended.
  xid xid8 not null,
  incarnation bigint not null,
  user_id uuid,
  token_id uuid,
  actor_id uuid,
  login name not null,
  table_name name not null,
  operation text not null,
  owner_id uuid,
  row_id uuid,
  row_key jsonb not null,
  commitment bytea not null,
  constraint audit_log_pkey primary key (audit_id),
  constraint audit_log_operation_is_known check (
    operation in ('INSERT', 'UPDATE', 'DELETE', 'TRANSFER', 'ACQUIRE', 'ERASE', 'ARCHIVE')
  ),
  constraint audit_log_commitment_is_sha256 check (octet_length(commitment) = 32)
) partition by range (audit_id);
create index audit_log_owner_id_row_id_idx on memoriesdb.audit_log (owner_id, row_id, audit_id);
-- Whose a memory has been, for erasure in every owner's log; and the edges that led to it. By
-- expressions that are not leakproof, and no column beside them: a user's own condition is not
-- looked up in them ahead of the policy, and EXPLAIN ANALYZE tells nothing of what others have but
-- how many rows an index holds.
create index audit_log_row_id_idx on memoriesdb.audit_log (uuid_send(row_id))
where table_name = 'memories' and operation in ('DELETE', 'TRANSFER');
create index audit_log_target_id_idx on memoriesdb.audit_log ((row_key ->> 'target_id'))
where table_name = 'memory_edges';
alter table memoriesdb.audit_log enable row level security;
alter table memoriesdb.audit_log force row level security;
-- The planner's estimates would tell what others have written (explain … where content = 'guess'),
-- and the statistics would keep samples of texts that are erased.
alter table memoriesdb.audit_log
alter column operation set statistics 0,
alter column row_key set statistics 0,
alter column commitment set statistics 0;
comment on table memoriesdb.audit_log is
'One row for every changed row, written in the same transaction. Append-only. Contents are in '
'audit_payloads; here is a salted commitment to them.';
comment on column memoriesdb.audit_log.audit_id is
'Number of the entry. Gaps are normal: rolled-back transactions leave them.';
comment on column memoriesdb.audit_log.at is 'When the row was changed, by the clock.';
comment on column memoriesdb.audit_log.xid is 'Transaction that changed it.';
comment on column memoriesdb.audit_log.incarnation is
'System identifier of the cluster in which xid was counted.';
comment on column memoriesdb.audit_log.user_id is
'User for whom it was changed; null when there was none (a worker, a DBA).';
comment on column memoriesdb.audit_log.token_id is
'Token by which the session was opened (login); null where there was none.';
comment on column memoriesdb.audit_log.actor_id is
'Service that acted for the user (act_for); null where the user acted himself.';
comment on column memoriesdb.audit_log.login is 'Login of the session (session_user).';
comment on column memoriesdb.audit_log.table_name is 'Table in schema memoriesdb.';
comment on column memoriesdb.audit_log.operation is
'INSERT, UPDATE, DELETE, TRANSFER (the owner changed), ACQUIRE (a copy was taken), ERASE (the '
'payload is the receipt) or ARCHIVE (a partition of the log was detached).';
comment on column memoriesdb.audit_log.owner_id is
'Owner of the row; for users the user; null for settings and models.';
comment on column memoriesdb.audit_log.row_id is
'Id of the memory, user or model that the row is about; null for settings.';
comment on column memoriesdb.audit_log.row_key is 'Primary key of the row.';
comment on column memoriesdb.audit_log.commitment is
'SHA-256 over a salt and the payload: see _payload_commitment().';
comment on sequence memoriesdb.audit_log_audit_id_seq is
'Numbers of the entries: audit_log.audit_id, the same in audit_payloads.';

-- Takes what no partition made ahead takes (maintain_audit_partitions). Nobody reads or writes a
-- partition by its own name.
create table memoriesdb.audit_log_default partition of memoriesdb.audit_log default;
alter table memoriesdb.audit_log_default enable row level security;
alter table memoriesdb.audit_log_default force row level security;
alter table memoriesdb.audit_log_default
alter column operation set statistics 0,
alter column row_key set statistics 0,
alter column commitment set statistics 0;
comment on table memoriesdb.audit_log_default is
'Entries of audit_log beyond the partitions made ahead; empty as long as workers run.';

create table memoriesdb.audit_payloads (
  audit_id bigint not null,
  owner_id uuid,
  -- Said again, so that erasure finds the payloads of entries that were archived.
  row_id uuid,
  target_id uuid,
  salt bytea not null,
  before jsonb,
  after jsonb,
  application_name text,
  reason text,
  constraint audit_payloads_pkey primary key (audit_id),
  constraint audit_payloads_salt_is_long check (octet_length(salt) = 16)
) partition by range (audit_id);
create index audit_payloads_owner_id_idx on memoriesdb.audit_payloads (owner_id, audit_id);
alter table memoriesdb.audit_payloads enable row level security;
alter table memoriesdb.audit_payloads force row level security;
-- The planner's estimates would tell what others have written (explain … where content = 'guess'),
-- and the statistics would keep samples of texts that are erased.
alter table memoriesdb.audit_payloads
alter column salt set statistics 0,
alter column before set statistics 0,
alter column after set statistics 0,
alter column application_name set statistics 0,
alter column reason set statistics 0;
comment on table memoriesdb.audit_payloads is
'The states before and after each audited change, and the salt of its commitment. Readable by '
'the owner of the memory, not by the auditor. Append-only.';
comment on column memoriesdb.audit_payloads.audit_id is 'audit_log.audit_id';
comment on column memoriesdb.audit_payloads.owner_id is 'audit_log.owner_id';
comment on column memoriesdb.audit_payloads.row_id is 'audit_log.row_id';
comment on column memoriesdb.audit_payloads.target_id is
'Of an edge: the memory that it leads to. Null for all else.';
comment on column memoriesdb.audit_payloads.salt is
'16 random bytes: without them the commitment tells nothing about the contents.';
comment on column memoriesdb.audit_payloads.before is
'State before: the whole row for DELETE, the changed columns for UPDATE.';
comment on column memoriesdb.audit_payloads.after is
'State after: the whole row for INSERT, the changed columns for UPDATE. Search columns and '
'vectors are left out.';
comment on column memoriesdb.audit_payloads.application_name is 'application_name of the session.';
comment on column memoriesdb.audit_payloads.reason is
'The transaction''s setting app.reason, or the reason given to transfer().';

-- Takes what no partition made ahead takes (maintain_audit_partitions). Nobody reads or writes a
-- partition by its own name.
create table memoriesdb.audit_payloads_default partition of memoriesdb.audit_payloads default;
alter table memoriesdb.audit_payloads_default enable row level security;
alter table memoriesdb.audit_payloads_default force row level security;
alter table memoriesdb.audit_payloads_default
alter column salt set statistics 0,
alter column before set statistics 0,
alter column after set statistics 0,
alter column application_name set statistics 0,
alter column reason set statistics 0;
comment on table memoriesdb.audit_payloads_default is
'Entries of audit_payloads beyond the partitions made ahead; empty as long as workers run.';

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

create table memoriesdb.embedding_models (
  id uuid not null,
  name text not null,
  provider text not null,
  endpoint text not null,
  model text not null,
  dimensions integer not null,
  max_tokens integer not null default 256,
  query_prefix text not null default '',
  passage_prefix text not null default '',
  is_enabled boolean not null default true,
  is_active boolean not null default false,
  max_concurrency integer,
  created_at timestamptz not null,
  constraint embedding_models_pkey primary key (id),
  constraint embedding_models_name_is_unique unique (name),
  constraint embedding_models_provider_is_known check (provider in ('ollama', 'openai')),
  -- The server itself calls this address: nothing but HTTP, and no credentials in it.
  constraint embedding_models_endpoint_is_http check (endpoint ~ '^https?://[^\s@/]+(/[^\s@]*)?$'),
  constraint embedding_models_dimensions_in_range check (dimensions between 1 and 4000),
  constraint embedding_models_max_tokens_is_positive check (max_tokens between 16 and 1000000),
  constraint embedding_models_max_concurrency_is_positive check (max_concurrency >= 1),
  constraint embedding_models_active_is_enabled check (is_enabled or not is_active)
);
-- Recall asks one model: the active one.
create unique index embedding_models_one_is_active_idx
on memoriesdb.embedding_models (is_active) where is_active;
alter table memoriesdb.embedding_models enable row level security;
alter table memoriesdb.embedding_models force row level security;
comment on table memoriesdb.embedding_models is
'Models that turn text into vectors. Every enabled one gets a job for every memory; the active '
'one answers recall.';
comment on column memoriesdb.embedding_models.id is 'Time-ordered UUID.';
comment on column memoriesdb.embedding_models.name is 'Unique name within this database.';
comment on column memoriesdb.embedding_models.provider is
'Protocol of the endpoint: ollama or openai.';
comment on column memoriesdb.embedding_models.endpoint is
'Base address, http or https, as seen by workers and server.';
comment on column memoriesdb.embedding_models.model is 'The model''s name at the endpoint.';
comment on column memoriesdb.embedding_models.dimensions is 'Length of its vectors, 1 to 4000.';
comment on column memoriesdb.embedding_models.max_tokens is
'Its window in tokens; longer texts are embedded in pieces.';
comment on column memoriesdb.embedding_models.query_prefix is
'Put before a query, as the model wants it.';
comment on column memoriesdb.embedding_models.passage_prefix is
'Put before a memory''s text, as the model wants it.';
comment on column memoriesdb.embedding_models.is_enabled is
'New and changed memories are queued for it.';
comment on column memoriesdb.embedding_models.is_active is
'The model that recall uses; at most one.';
comment on column memoriesdb.embedding_models.max_concurrency is
'Most batches that all workers together may have claimed for it at once; null: no limit.';
comment on column memoriesdb.embedding_models.created_at is 'When it was registered.';

create table memoriesdb.memories (
  owner_id uuid not null,
  id uuid not null,
  seq bigint not null generated always as identity,
  kind text not null default 'note',
  content text not null,
  content_hash bytea not null,
  metadata jsonb not null default '{}',
  stream text,
  importance real not null default 0.5,
  trust real not null default 0.5,
  trust_limit real not null default 1,
  occurred_at timestamptz not null,
  expires_at timestamptz,
  forgotten_at timestamptz,
  version integer not null,
  created_by uuid not null,
  created_at timestamptz not null,
  updated_by uuid,
  updated_at timestamptz not null,
  -- Of a copy that was acquired: where it came from.
  origin_id uuid,
  origin_owner_id uuid,
  origin_hash bytea,
  acquired_at timestamptz,
  is_encrypted boolean not null default false,
  search tsvector not null,
  embedding_text_hash bytea not null,
  -- Every key leads with owner_id: no key or cascade can reach, or reveal, another owner's row.
  constraint memories_pkey primary key (owner_id, id),
  constraint memories_owner_is_user foreign key (owner_id) references memoriesdb.users(id),
  constraint memories_content_hash_is_sha256 check (octet_length(content_hash) = 32),
  constraint memories_embedding_text_hash_is_sha256 check (octet_length(embedding_text_hash) = 32),
  -- The length apart: a count makes the pattern eight times as dear.
  constraint memories_kind_is_a_word check (kind ~ '^[a-z][a-z0-9_]*$' and length(kind) <= 63),
  constraint memories_metadata_is_object check (jsonb_typeof(metadata) = 'object'),
  constraint memories_importance_in_range check (importance between 0 and 1),
  constraint memories_trust_in_range check (trust between 0 and 1),
  constraint memories_trust_within_limit check (
    trust_limit >= 0 and trust_limit <= 1 and trust <= trust_limit
  ),
  constraint memories_origin_is_whole check (
    num_nulls(origin_id, origin_owner_id, origin_hash, acquired_at) in (0, 4)
  ),
  constraint memories_version_is_positive check (version > 0)
);
-- No index on what users write: a condition of the user's own would be looked up in it ahead of the
-- policy, and EXPLAIN ANALYZE would tell how many rows of others satisfy it.
alter table memoriesdb.memories enable row level security;
alter table memoriesdb.memories force row level security;
-- The planner's estimates would tell what others have written (explain … where content = 'guess'),
-- and the statistics would keep samples of texts that are erased.
alter table memoriesdb.memories
alter column kind set statistics 0,
alter column content set statistics 0,
alter column content_hash set statistics 0,
alter column metadata set statistics 0,
alter column stream set statistics 0,
alter column origin_id set statistics 0,
alter column origin_owner_id set statistics 0,
alter column origin_hash set statistics 0,
alter column search set statistics 0,
alter column embedding_text_hash set statistics 0;
-- Few dead rows before a vacuum: recall reads an owner's rows from the heap.
alter table memoriesdb.memories set (
  autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.05
);
comment on table memoriesdb.memories is
'What is remembered, one row a memory. Written by its owner or by a user with a write grant; '
'read also with a read grant.';
comment on column memoriesdb.memories.owner_id is 'User who owns it. Changed by transfer() alone.';
comment on column memoriesdb.memories.id is
'Time-ordered UUID, unique by its making. Never chosen by a user.';
comment on column memoriesdb.memories.seq is
'Order of arrival in this database, also within one batch.';
comment on column memoriesdb.memories.kind is
'What it is: a lower-case word such as note, message, fact.';
comment on column memoriesdb.memories.content is
'The text, UTF-8, not empty, at most settings.max_content_bytes bytes.';
comment on column memoriesdb.memories.content_hash is 'SHA-256 of the UTF-8 text, made here.';
comment on column memoriesdb.memories.metadata is
'A JSON object; the key speaker (text) becomes part of the embedded text.';
comment on column memoriesdb.memories.stream is
'Name of the conversation or feed it belongs to; neighbours lend each other score.';
comment on column memoriesdb.memories.importance is '0 to 1, as the writer sees it.';
comment on column memoriesdb.memories.trust is '0 to 1, how far the source can be trusted.';
comment on column memoriesdb.memories.trust_limit is
'Least trust of the sources it was copied or derived from, when it was: trust never exceeds it. '
'Set by the database; its owner may lower it, and nobody raises it.';
comment on column memoriesdb.memories.occurred_at is 'When it was true or said (valid time).';
comment on column memoriesdb.memories.expires_at is 'From then on it is not recalled.';
comment on column memoriesdb.memories.forgotten_at is
'Since then it is not recalled; kept in history; restore() undoes it.';
comment on column memoriesdb.memories.version is
'Counts the states of this memory from 1; former states are in memory_versions.';
comment on column memoriesdb.memories.created_by is
'User who made it; never changes, not even by transfer.';
comment on column memoriesdb.memories.created_at is 'When it was written; never changes.';
comment on column memoriesdb.memories.updated_by is
'User who made this version; null when the database did.';
comment on column memoriesdb.memories.updated_at is 'When this version began (transaction time).';
comment on column memoriesdb.memories.origin_id is
'Of a copy made by acquire(): the id of the memory it was copied from.';
comment on column memoriesdb.memories.origin_owner_id is 'Of a copy: who owned that memory.';
comment on column memoriesdb.memories.origin_hash is
'Of a copy: the content_hash that the memory had.';
comment on column memoriesdb.memories.acquired_at is 'Of a copy: when it was made.';
comment on column memoriesdb.memories.is_encrypted is
'The content was encrypted by the client: neither words nor spelling find it, and no worker '
'embeds it.';
comment on column memoriesdb.memories.search is
'Lexemes of the embedded text, in the language of settings.search_language.';
comment on column memoriesdb.memories.embedding_text_hash is
'SHA-256 of the text that is embedded (settings.embedding_template applied): an embedding of '
'another text is out of date.';
comment on sequence memoriesdb.memories_seq_seq is
'Order of arrival: memories.seq.';

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

create table memoriesdb.frequent_terms (
  owner_id uuid not null,
  term text collate "C" not null,
  document_count integer not null,
  of_documents bigint not null,
  counted_at timestamptz not null default clock_timestamp(),
  constraint frequent_terms_pkey primary key (owner_id, term) include (document_count)
);
alter table memoriesdb.frequent_terms enable row level security;
alter table memoriesdb.frequent_terms force row level security;
alter table memoriesdb.frequent_terms alter column term set statistics 0;
comment on table memoriesdb.frequent_terms is
'In how many documents an owner has a word, for words in more than 1,000 of them: recall counts '
'the rare ones as it reads them. Counted by index_memories() when an owner has grown by a tenth.';
comment on column memoriesdb.frequent_terms.owner_id is 'Owner of the memories.';
comment on column memoriesdb.frequent_terms.term is 'A lexeme of memories.search.';
comment on column memoriesdb.frequent_terms.document_count is
'How many indexed documents had it when it was counted.';
comment on column memoriesdb.frequent_terms.of_documents is
'How many indexed documents the owner had then.';
comment on column memoriesdb.frequent_terms.counted_at is 'When it was counted.';

create table memoriesdb.idempotency_keys (
  owner_id uuid not null,
  key_hash bytea not null,
  memory_ids uuid[],
  created_at timestamptz not null default clock_timestamp(),
  constraint idempotency_keys_pkey primary key (owner_id, key_hash),
  constraint idempotency_keys_key_hash_is_sha256 check (octet_length(key_hash) = 32)
);
create index idempotency_keys_owner_id_created_at_idx
on memoriesdb.idempotency_keys (owner_id, created_at);
alter table memoriesdb.idempotency_keys enable row level security;
alter table memoriesdb.idempotency_keys force row level security;
-- Nobody who looks at estimates learns what there is.
alter table memoriesdb.idempotency_keys
alter column key_hash set statistics 0,
alter column memory_ids set statistics 0;
comment on table memoriesdb.idempotency_keys is
'What remember() and remember_many() have kept under an idempotency key, so that a retry keeps '
'nothing twice. Rows older than settings.idempotency_days go when the same owner keeps something '
'under a key. Nothing of a text is in it.';
comment on column memoriesdb.idempotency_keys.owner_id is 'Who has kept it.';
comment on column memoriesdb.idempotency_keys.key_hash is 'SHA-256 of the key as UTF-8.';
comment on column memoriesdb.idempotency_keys.memory_ids is
'Ids of the memories in the order in which they were given; null only within the transaction that '
'keeps them. A memory may have been erased since.';
comment on column memoriesdb.idempotency_keys.created_at is 'When they were kept.';

create table memoriesdb.ledger_archives (
  partition_no bigint not null,
  first_audit_id bigint not null,
  last_audit_id bigint not null,
  entry_count bigint not null,
  boundary_blocks jsonb not null default '{}',
  file_sha256 bytea not null,
  archived_at timestamptz not null,
  archived_by_login name not null,
  constraint ledger_archives_pkey primary key (partition_no),
  constraint ledger_archives_range_is_not_empty check (first_audit_id <= last_audit_id),
  constraint ledger_archives_file_sha256_is_sha256 check (octet_length(file_sha256) = 32)
);
alter table memoriesdb.ledger_archives enable row level security;
alter table memoriesdb.ledger_archives force row level security;
-- Each value is there once.
alter table memoriesdb.ledger_archives
alter column boundary_blocks set statistics 0,
alter column file_sha256 set statistics 0;
comment on table memoriesdb.ledger_archives is
'Partitions of audit_log that were detached and archived: their entries are in a file, their '
'blocks stay. Append-only.';
comment on column memoriesdb.ledger_archives.partition_no is
'Number in the name of the partition: audit_id / 1,000,000.';
comment on column memoriesdb.ledger_archives.first_audit_id is 'First audit_id of the partition.';
comment on column memoriesdb.ledger_archives.last_audit_id is 'Last audit_id of the partition.';
comment on column memoriesdb.ledger_archives.entry_count is 'How many entries the archive holds.';
comment on column memoriesdb.ledger_archives.boundary_blocks is
'An object: for each block that lies in it in part, how many of the block''s entries the archive '
'holds.';
comment on column memoriesdb.ledger_archives.file_sha256 is
'SHA-256 of the archive, as `memoriesdb ledger archive` wrote it.';
comment on column memoriesdb.ledger_archives.archived_at is 'When it was detached.';
comment on column memoriesdb.ledger_archives.archived_by_login is 'Login that did.';

-- The entries of audit_log in the order in which their transactions ended as seen by the sealer:
-- by incarnation, and within it by (xid, audit_id). A block is a range of that order, so no entry
-- is marked, and none can be in two.
create table memoriesdb.ledger_blocks (
  block_no bigint not null,
  previous_hash bytea not null,
  root bytea not null,
  entry_count bigint not null,
  incarnation bigint not null,
  last_xid xid8 not null,
  last_audit_id bigint not null,
  low_audit_id bigint not null,
  high_audit_id bigint not null,
  sealed_at timestamptz not null,
  hash bytea not null,
  constraint ledger_blocks_pkey primary key (block_no),
  constraint ledger_blocks_block_no_is_positive check (block_no > 0),
  constraint ledger_blocks_is_not_empty check (
    entry_count > 0 and low_audit_id <= high_audit_id
    and last_audit_id between low_audit_id and high_audit_id
  ),
  constraint ledger_blocks_hashes_are_sha256 check (
    octet_length(previous_hash) = 32 and octet_length(root) = 32 and octet_length(hash) = 32
  )
);
create index ledger_blocks_incarnation_last_xid_idx
on memoriesdb.ledger_blocks (incarnation, last_xid, last_audit_id);
alter table memoriesdb.ledger_blocks enable row level security;
alter table memoriesdb.ledger_blocks force row level security;
-- Each value is there once: statistics would be a copy of the ledger.
alter table memoriesdb.ledger_blocks
alter column previous_hash set statistics 0,
alter column root set statistics 0,
alter column hash set statistics 0;
comment on table memoriesdb.ledger_blocks is
'The ledger: blocks of sealed audit entries, each with the root of a Merkle tree over its entries '
'(RFC 6962) and the hash of the block before. Append-only.';
comment on column memoriesdb.ledger_blocks.block_no is 'Number of the block, from 1, without gaps.';
comment on column memoriesdb.ledger_blocks.previous_hash is
'hash of the block before; 32 zero bytes in block 1.';
comment on column memoriesdb.ledger_blocks.root is
'Root of the Merkle tree over the leaf hashes of the entries, in order of (xid, audit_id).';
comment on column memoriesdb.ledger_blocks.entry_count is 'How many entries it seals.';
comment on column memoriesdb.ledger_blocks.incarnation is
'audit_log.incarnation of its entries: all are of one.';
comment on column memoriesdb.ledger_blocks.last_xid is
'xid of its last entry: with last_audit_id the end (inclusive) of its range; it begins after the '
'block before of the same incarnation.';
comment on column memoriesdb.ledger_blocks.last_audit_id is 'audit_id of its last entry.';
comment on column memoriesdb.ledger_blocks.low_audit_id is 'Least audit_id of its entries.';
comment on column memoriesdb.ledger_blocks.high_audit_id is 'Greatest audit_id of its entries.';
comment on column memoriesdb.ledger_blocks.sealed_at is 'When it was sealed, by the clock.';
comment on column memoriesdb.ledger_blocks.hash is
'SHA-256 over the other columns: see _block_hash().';

-- What a block's root was made of. Nothing rests on it, since the root tells whether it is genuine:
-- with it a changed entry is named, and not its block alone, a proof needs no other entries, and
-- blocks whose entries are archived can still be checked.
create table memoriesdb.ledger_leaves (
  block_no bigint not null,
  leaves bytea not null,
  constraint ledger_leaves_pkey primary key (block_no),
  constraint ledger_leaves_are_hashes check (
    octet_length(leaves) > 0 and octet_length(leaves) % 32 = 0
  )
);
alter table memoriesdb.ledger_leaves enable row level security;
alter table memoriesdb.ledger_leaves force row level security;
-- Hashes do not compress. Each value is there once.
alter table memoriesdb.ledger_leaves
alter column leaves set storage external,
alter column leaves set statistics 0;
comment on table memoriesdb.ledger_leaves is
'The leaf hashes of each block of the ledger, 32 bytes an entry. Append-only.';
comment on column memoriesdb.ledger_leaves.block_no is 'ledger_blocks.block_no';
comment on column memoriesdb.ledger_leaves.leaves is
'Leaf hashes of the block''s entries one after the other, in order of (xid, audit_id).';

-- Bookkeeping of the sealer, which locks the row so that two sealers do not meet. It only says
-- where to begin to look, and is believed as far as the blocks bear it out: see _sealed_below().
create table memoriesdb.ledger_state (
  is_only_row boolean not null default true,
  sealed_count bigint not null default 0,
  sealed_below bigint not null default 0,
  mark_audit_id bigint not null default 0,
  mark_xid xid8 not null default '0',
  looked_at timestamptz,
  constraint ledger_state_pkey primary key (is_only_row),
  constraint ledger_state_is_one_row check (is_only_row)
);
alter table memoriesdb.ledger_state enable row level security;
alter table memoriesdb.ledger_state force row level security;
comment on table memoriesdb.ledger_state is
'One row: from where on the sealer looks for entries that are not sealed yet.';
comment on column memoriesdb.ledger_state.is_only_row is 'True: there is one row.';
comment on column memoriesdb.ledger_state.sealed_count is
'How many entries are sealed, for ledger_status: the blocks say it themselves.';
comment on column memoriesdb.ledger_state.sealed_below is
'Every entry with an audit_id up to here is sealed or will never be.';
comment on column memoriesdb.ledger_state.mark_audit_id is
'An audit_id that had been given out when the next transaction id was mark_xid: once all '
'transactions before that are sealed, sealed_below moves here.';
comment on column memoriesdb.ledger_state.mark_xid is 'See mark_audit_id.';
comment on column memoriesdb.ledger_state.looked_at is 'When seal_ledger() looked last.';

create table memoriesdb.memory_documents (
  owner_id uuid not null,
  -- memories.seq: half as long as an id in every posting, and in order of arrival.
  doc bigint not null,
  memory_id uuid not null,
  kind text not null,
  -- Of the stream's name, which may be longer than an index's row.
  stream_id uuid,
  speaker text,
  occurred_at timestamptz not null,
  expires_at timestamptz,
  importance real not null,
  trust real not null,
  word_count integer not null,
  is_indexed boolean not null default false,
  -- No references: triggers alone write here, and a check of each row would cost more than the row.
  constraint memory_documents_pkey primary key (owner_id, doc),
  constraint memory_documents_word_count_is_no_less_than_zero check (word_count >= 0)
);
-- The filters of a recall read an owner's documents from here alone, and find what stands beside
-- one in its stream.
create index memory_documents_stream_idx
on memoriesdb.memory_documents (owner_id, stream_id, occurred_at, doc)
include (memory_id, kind, speaker, expires_at, importance, trust);
alter table memoriesdb.memory_documents enable row level security;
alter table memoriesdb.memory_documents force row level security;
-- The planner's estimates would tell what others have written, and the statistics would keep
-- samples of what is erased.
alter table memoriesdb.memory_documents
alter column kind set statistics 0,
alter column stream_id set statistics 0,
alter column speaker set statistics 0;
-- is_indexed is in no index, so that marking a document moves nothing. Pages that a vacuum has not
-- marked yet cost an index-only scan a look into the table for each row.
alter table memoriesdb.memory_documents set (
  fillfactor = 90,
  autovacuum_vacuum_insert_threshold = 1000, autovacuum_vacuum_insert_scale_factor = 0.02,
  autovacuum_vacuum_scale_factor = 0.02
);
comment on table memoriesdb.memory_documents is
'What recall filters and orders by, of every memory that is not forgotten: one narrow row, written '
'by triggers in the writer''s transaction. Read by functions alone.';
comment on column memoriesdb.memory_documents.owner_id is 'Owner of the memory.';
comment on column memoriesdb.memory_documents.doc is
'memories.seq: the number of the memory in the search structures.';
comment on column memoriesdb.memory_documents.memory_id is 'memories.id';
comment on column memoriesdb.memory_documents.kind is 'memories.kind';
comment on column memoriesdb.memory_documents.stream_id is
'The first half of the SHA-256 of memories.stream; null without a stream.';
comment on column memoriesdb.memory_documents.speaker is
'metadata.speaker where it is a text, in lower case, the first 100 characters.';
comment on column memoriesdb.memory_documents.occurred_at is 'memories.occurred_at';
comment on column memoriesdb.memory_documents.expires_at is 'memories.expires_at';
comment on column memoriesdb.memory_documents.importance is 'memories.importance';
comment on column memoriesdb.memory_documents.trust is 'memories.trust';
comment on column memoriesdb.memory_documents.word_count is
'How many words are indexed, stop words left out: the length of a document in BM25.';
comment on column memoriesdb.memory_documents.is_indexed is
'Whether its postings are in memory_terms; else its words are searched in memories.search.';

create table memoriesdb.memory_edges (
  owner_id uuid not null,
  source_id uuid not null,
  target_id uuid not null,
  relation text not null default 'related',
  weight real not null default 1.0,
  metadata jsonb not null default '{}',
  created_by uuid not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint memory_edges_pkey primary key (owner_id, source_id, target_id, relation),
  constraint memory_edges_source_exists
    foreign key (owner_id, source_id)
    references memoriesdb.memories(owner_id, id) on delete cascade,
  constraint memory_edges_target_exists
    foreign key (owner_id, target_id)
    references memoriesdb.memories(owner_id, id) on delete cascade,
  constraint memory_edges_is_no_loop check (source_id <> target_id),
  constraint memory_edges_relation_is_a_word check (relation ~ '^[a-z][a-z0-9_]{0,62}$'),
  constraint memory_edges_weight_in_range check (weight between 0 and 1),
  constraint memory_edges_metadata_is_object check (jsonb_typeof(metadata) = 'object')
);
create index memory_edges_owner_id_target_id_idx on memoriesdb.memory_edges (owner_id, target_id);
alter table memoriesdb.memory_edges enable row level security;
alter table memoriesdb.memory_edges force row level security;
-- The planner's estimates would tell what others have written (explain … where content = 'guess'),
-- and the statistics would keep samples of texts that are erased.
alter table memoriesdb.memory_edges
alter column relation set statistics 0,
alter column metadata set statistics 0;
comment on table memoriesdb.memory_edges is
'Directed, typed, weighted links between memories of one owner.';
comment on column memoriesdb.memory_edges.owner_id is 'Owner of both memories.';
comment on column memoriesdb.memory_edges.source_id is 'memories.id the edge leaves.';
comment on column memoriesdb.memory_edges.target_id is 'memories.id the edge enters.';
comment on column memoriesdb.memory_edges.relation is
'What it means: a lower-case word such as related, supports, next.';
comment on column memoriesdb.memory_edges.weight is '0 to 1; multiplied along a path.';
comment on column memoriesdb.memory_edges.metadata is 'A JSON object.';
comment on column memoriesdb.memory_edges.created_by is 'User who linked them.';
comment on column memoriesdb.memory_edges.created_at is 'When they were linked.';
comment on column memoriesdb.memory_edges.updated_at is 'When weight or metadata changed last.';

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

create table memoriesdb.memory_grants (
  owner_id uuid not null,
  memory_id uuid not null,
  grantee_id uuid not null,
  privilege text not null default 'read',
  expires_at timestamptz,
  granted_by uuid not null,
  granted_at timestamptz not null,
  constraint memory_grants_pkey primary key (owner_id, memory_id, grantee_id),
  constraint memory_grants_memory_exists
    foreign key (owner_id, memory_id)
    references memoriesdb.memories(owner_id, id) on delete cascade,
  constraint memory_grants_grantee_is_user
    foreign key (grantee_id)
    references memoriesdb.users(id),
  constraint memory_grants_is_not_to_oneself check (grantee_id <> owner_id),
  constraint memory_grants_privilege_is_known check (privilege in ('read', 'write'))
);
create index memory_grants_grantee_id_memory_id_idx
on memoriesdb.memory_grants (grantee_id, memory_id);
alter table memoriesdb.memory_grants enable row level security;
alter table memoriesdb.memory_grants force row level security;
-- The planner's estimates would tell what others have written (explain … where content = 'guess'),
-- and the statistics would keep samples of texts that are erased.
alter table memoriesdb.memory_grants
alter column privilege set statistics 0;
comment on table memoriesdb.memory_grants is
'Who else may read or write a memory, until when. Written through share() and unshare(); read by '
'owner and grantee.';
comment on column memoriesdb.memory_grants.owner_id is 'Owner of the memory.';
comment on column memoriesdb.memory_grants.memory_id is 'memories.id';
comment on column memoriesdb.memory_grants.grantee_id is 'User to whom it is granted.';
comment on column memoriesdb.memory_grants.privilege is 'read, or write (which includes read).';
comment on column memoriesdb.memory_grants.expires_at is
'From then on the grant counts no more; null: until unshared.';
comment on column memoriesdb.memory_grants.granted_by is 'User who granted it.';
comment on column memoriesdb.memory_grants.granted_at is 'When it was granted or changed last.';

-- References nothing: a hold outlives what somebody did behind the triggers.
create table memoriesdb.memory_holds (
  id uuid not null,
  owner_id uuid not null,
  memory_id uuid,
  reason text not null,
  placed_by uuid,
  placed_by_login name not null,
  placed_at timestamptz not null,
  constraint memory_holds_pkey primary key (id),
  constraint memory_holds_reason_is_short check (char_length(reason) between 1 and 1000)
);
-- No index on whose memory it is: a look-up in one would tell anybody who is held. Holds are few.
alter table memoriesdb.memory_holds enable row level security;
alter table memoriesdb.memory_holds force row level security;
alter table memoriesdb.memory_holds
alter column reason set statistics 0;
comment on table memoriesdb.memory_holds is
'Legal holds: while there is one, the memory, or every memory of the owner, can be neither '
'forgotten, deleted, given away nor erased. Written by hold() and release(); seen by admins and by '
'the owner.';
comment on column memoriesdb.memory_holds.id is 'Time-ordered UUID, for release().';
comment on column memoriesdb.memory_holds.owner_id is 'Owner whose memory is held.';
comment on column memoriesdb.memory_holds.memory_id is
'memories.id; null where all memories of the owner are held.';
comment on column memoriesdb.memory_holds.reason is 'Why, as whoever placed it said.';
comment on column memoriesdb.memory_holds.placed_by is
'User who placed it; null where an admin did by his login.';
comment on column memoriesdb.memory_holds.placed_by_login is 'Login that placed it.';
comment on column memoriesdb.memory_holds.placed_at is 'When it was placed.';

-- Read without regard to snapshots: see _raise_if_unseen().
create sequence memoriesdb.hold_mark_seq;
comment on sequence memoriesdb.hold_mark_seq is
'Number of the transaction that placed the last hold.';

create table memoriesdb.memory_terms (
  owner_id uuid not null,
  -- By bytes: the order of a language costs more, and may change with the system's libraries.
  term text collate "C" not null,
  doc bigint not null,
  frequency smallint not null,
  word_count integer not null,
  -- No references: one check for each word would cost more than the posting.
  constraint memory_terms_pkey primary key (owner_id, term, doc) include (frequency, word_count),
  constraint memory_terms_frequency_is_positive check (frequency > 0)
);
alter table memoriesdb.memory_terms enable row level security;
alter table memoriesdb.memory_terms force row level security;
-- The planner's estimates would tell what others have written, and the statistics would keep
-- samples of what is erased.
alter table memoriesdb.memory_terms alter column term set statistics 0;
alter table memoriesdb.memory_terms set (
  autovacuum_vacuum_insert_threshold = 10000, autovacuum_vacuum_insert_scale_factor = 0.02,
  autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0
);
comment on table memoriesdb.memory_terms is
'Postings of the keyword arm: which documents of an owner have which word, how often. Written by '
'index_memories(), removed by triggers, read by functions alone.';
comment on column memoriesdb.memory_terms.owner_id is 'Owner of the memory.';
comment on column memoriesdb.memory_terms.term is 'A lexeme of memories.search.';
comment on column memoriesdb.memory_terms.doc is 'memory_documents.doc';
comment on column memoriesdb.memory_terms.frequency is
'How often the memory has the word: at most 255, as a tsvector counts.';
comment on column memoriesdb.memory_terms.word_count is 'memory_documents.word_count';

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

create table memoriesdb.memory_versions (
  owner_id uuid not null,
  memory_id uuid not null,
  version integer not null,
  valid_from timestamptz not null,
  valid_until timestamptz not null,
  operation text not null,
  ended_by uuid,
  seq bigint not null,
  kind text not null,
  -- Null where the text did not change: the following state, with the same hash, holds it. So an
  -- edit of `trust` copies no text.
  content text,
  content_hash bytea not null,
  metadata jsonb not null,
  stream text,
  importance real not null,
  trust real not null,
  occurred_at timestamptz not null,
  expires_at timestamptz,
  forgotten_at timestamptz,
  created_by uuid not null,
  created_at timestamptz not null,
  updated_by uuid,
  -- References nothing: a cascade would erase history.
  constraint memory_versions_pkey primary key (owner_id, memory_id, version),
  constraint memory_versions_period_is_not_empty check (valid_from < valid_until),
  constraint memory_versions_operation_is_known check (
    operation in ('UPDATE', 'DELETE', 'TRANSFER')
  ),
  constraint memory_versions_last_state_has_content check (
    operation <> 'DELETE' or content is not null
  )
);
create index memory_versions_owner_id_valid_from_idx
on memoriesdb.memory_versions (owner_id, valid_from);
alter table memoriesdb.memory_versions enable row level security;
alter table memoriesdb.memory_versions force row level security;
-- The planner's estimates would tell what others have written (explain … where content = 'guess'),
-- and the statistics would keep samples of texts that are erased.
alter table memoriesdb.memory_versions
alter column operation set statistics 0,
alter column kind set statistics 0,
alter column content set statistics 0,
alter column content_hash set statistics 0,
alter column metadata set statistics 0,
alter column stream set statistics 0;
comment on table memoriesdb.memory_versions is
'Every former state of every memory with the period in which it held. Written by trigger; read '
'by the owner, best by history() and as_of().';
comment on column memoriesdb.memory_versions.owner_id is
'Owner of the memory now, or of the deleted memory.';
comment on column memoriesdb.memory_versions.memory_id is 'memories.id';
comment on column memoriesdb.memory_versions.version is 'Number of this state, from 1.';
comment on column memoriesdb.memory_versions.valid_from is
'When this state began (inclusive), by the clock.';
comment on column memoriesdb.memory_versions.valid_until is
'When it ended (exclusive): the next state''s valid_from.';
comment on column memoriesdb.memory_versions.operation is
'What ended it: UPDATE, DELETE or TRANSFER.';
comment on column memoriesdb.memory_versions.ended_by is
'User who ended it; null when the database did.';
comment on column memoriesdb.memory_versions.seq is 'memories.seq';
comment on column memoriesdb.memory_versions.kind is 'memories.kind';
comment on column memoriesdb.memory_versions.content is
'The text; null where the next state has the same one (equal content_hash).';
comment on column memoriesdb.memory_versions.content_hash is 'memories.content_hash';
comment on column memoriesdb.memory_versions.metadata is 'memories.metadata';
comment on column memoriesdb.memory_versions.stream is 'memories.stream';
comment on column memoriesdb.memory_versions.importance is 'memories.importance';
comment on column memoriesdb.memory_versions.trust is 'memories.trust';
comment on column memoriesdb.memory_versions.occurred_at is 'memories.occurred_at';
comment on column memoriesdb.memory_versions.expires_at is 'memories.expires_at';
comment on column memoriesdb.memory_versions.forgotten_at is 'memories.forgotten_at';
comment on column memoriesdb.memory_versions.created_by is 'memories.created_by';
comment on column memoriesdb.memory_versions.created_at is 'memories.created_at';
comment on column memoriesdb.memory_versions.updated_by is 'User who made this state.';

create table memoriesdb.owner_keys (
  owner_id uuid not null,
  key_id integer not null,
  wrapped_key bytea not null,
  provider text not null,
  provider_key text not null,
  created_at timestamptz not null,
  rewrapped_at timestamptz,
  retired_at timestamptz,
  constraint owner_keys_pkey primary key (owner_id, key_id),
  constraint owner_keys_owner_is_user foreign key (owner_id) references memoriesdb.users(id),
  constraint owner_keys_key_id_is_positive check (key_id > 0),
  constraint owner_keys_provider_is_a_word check (provider ~ '^[a-z][a-z0-9_-]{0,62}$'),
  constraint owner_keys_provider_key_is_short check (char_length(provider_key) <= 2048),
  constraint owner_keys_wrapped_key_is_short check (octet_length(wrapped_key) between 1 and 65536)
);
create unique index owner_keys_owner_id_idx
on memoriesdb.owner_keys (owner_id) where retired_at is null;
alter table memoriesdb.owner_keys enable row level security;
alter table memoriesdb.owner_keys force row level security;
alter table memoriesdb.owner_keys
alter column wrapped_key set statistics 0,
alter column provider set statistics 0,
alter column provider_key set statistics 0;
comment on table memoriesdb.owner_keys is
'Keys with which clients encrypt the contents of one owner, each wrapped by a key that the '
'database never sees. Without that key they are of no use.';
comment on column memoriesdb.owner_keys.owner_id is 'User whose memories it encrypts.';
comment on column memoriesdb.owner_keys.key_id is
'Number of the key of this owner, from 1; every encrypted content names its key.';
comment on column memoriesdb.owner_keys.wrapped_key is
'The 256-bit key, encrypted by the provider.';
comment on column memoriesdb.owner_keys.provider is
'Who wrapped it: keyring, environment, vault, aws-kms.';
comment on column memoriesdb.owner_keys.provider_key is
'Name of the wrapping key at the provider.';
comment on column memoriesdb.owner_keys.created_at is 'When the key was made.';
comment on column memoriesdb.owner_keys.rewrapped_at is
'When it was wrapped anew, by another wrapping key; the key itself is the same.';
comment on column memoriesdb.owner_keys.retired_at is
'Since then nothing new is encrypted with it; null: it is in use.';

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

create table memoriesdb.search_counts (
  owner_id uuid not null,
  count_id bigint not null generated always as identity,
  document_count bigint not null,
  word_count bigint not null,
  constraint search_counts_pkey primary key (owner_id, count_id)
);
alter table memoriesdb.search_counts enable row level security;
alter table memoriesdb.search_counts force row level security;
alter table memoriesdb.search_counts set (
  autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 500,
  autovacuum_vacuum_cost_delay = 0
);
comment on table memoriesdb.search_counts is
'How many documents of an owner are indexed and how many words they have: the sum of all rows of '
'the owner. A change adds a row, so that writers of one owner never wait for each other; '
'index_memories() adds them up.';
comment on column memoriesdb.search_counts.owner_id is 'Owner of the memories.';
comment on column memoriesdb.search_counts.count_id is 'Number of the row.';
comment on column memoriesdb.search_counts.document_count is
'Documents that were indexed, less those that were removed.';
comment on column memoriesdb.search_counts.word_count is 'Words of these documents.';
comment on sequence memoriesdb.search_counts_count_id_seq is
'Numbers of the rows: search_counts.count_id.';

create table memoriesdb.search_schedule (
  owner_id uuid not null,
  doc bigint not null,
  memory_id uuid not null,
  enqueued_at timestamptz not null default clock_timestamp(),
  constraint search_schedule_pkey primary key (owner_id, doc)
);
alter table memoriesdb.search_schedule enable row level security;
alter table memoriesdb.search_schedule force row level security;
alter table memoriesdb.search_schedule set (
  autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 500,
  autovacuum_vacuum_cost_delay = 0
);
comment on table memoriesdb.search_schedule is
'Memories whose words are not in memory_terms yet: filled by triggers in the writer''s '
'transaction, drained by index_memories(). Recall searches their texts themselves, so that a '
'memory is found by its words at commit.';
comment on column memoriesdb.search_schedule.owner_id is 'Owner of the memory.';
comment on column memoriesdb.search_schedule.doc is 'memory_documents.doc';
comment on column memoriesdb.search_schedule.memory_id is 'memories.id';
comment on column memoriesdb.search_schedule.enqueued_at is 'When it was queued.';

create table memoriesdb.service_assignments (
  service_id uuid not null,
  user_id uuid not null,
  assigned_at timestamptz not null,
  constraint service_assignments_pkey primary key (service_id, user_id),
  constraint service_assignments_service_exists
    foreign key (service_id)
    references memoriesdb.users(id),
  constraint service_assignments_user_exists foreign key (user_id) references memoriesdb.users(id),
  constraint service_assignments_is_not_to_oneself check (service_id <> user_id)
);
create index service_assignments_user_id_idx on memoriesdb.service_assignments (user_id);
alter table memoriesdb.service_assignments enable row level security;
alter table memoriesdb.service_assignments force row level security;
comment on table memoriesdb.service_assignments is
'For which users a service may act (act_for). Written by assign_service() and unassign_service(); '
'seen by admins, by the service and by the user.';
comment on column memoriesdb.service_assignments.service_id is 'User with the role service.';
comment on column memoriesdb.service_assignments.user_id is 'User for whom it may act.';
comment on column memoriesdb.service_assignments.assigned_at is 'When it was assigned.';

create table memoriesdb.settings (
  key text not null,
  value jsonb not null,
  default_value jsonb not null,
  minimum numeric,
  maximum numeric,
  description text not null,
  updated_at timestamptz not null default clock_timestamp(),
  constraint settings_pkey primary key (key),
  constraint settings_value_has_type_of_default check (
    jsonb_typeof(value) = jsonb_typeof(default_value)
  ),
  constraint settings_number_is_within_bounds check (
    case
      when jsonb_typeof(value) = 'number'
        then
          value::numeric >= coalesce(minimum, value::numeric)
          and value::numeric <= coalesce(maximum, value::numeric)
      else minimum is null and maximum is null
    end
  )
);
alter table memoriesdb.settings enable row level security;
alter table memoriesdb.settings force row level security;
comment on table memoriesdb.settings is
'Limits, weights and intervals of this database. An admin changes value; the rest is set by the '
'release. No secrets here.';
comment on column memoriesdb.settings.key is 'Name of the setting.';
comment on column memoriesdb.settings.value is 'What holds now.';
comment on column memoriesdb.settings.default_value is 'What the release ships.';
comment on column memoriesdb.settings.minimum is 'Least value of a number.';
comment on column memoriesdb.settings.maximum is 'Greatest value of a number.';
comment on column memoriesdb.settings.description is 'What it does, with its unit.';
comment on column memoriesdb.settings.updated_at is 'When it was changed last.';

create table memoriesdb.signing_keys (
  id integer not null generated always as identity,
  purpose text not null,
  key bytea not null,
  created_at timestamptz not null default clock_timestamp(),
  -- A signature made with it counts in transactions that began before then.
  retired_at timestamptz,
  constraint signing_keys_pkey primary key (id),
  constraint signing_keys_purpose_is_known check (purpose in ('session', 'query')),
  constraint signing_keys_key_is_long check (octet_length(key) = 32),
  constraint signing_keys_query_key_stays check (purpose = 'session' or retired_at is null)
);
create unique index signing_keys_purpose_idx
on memoriesdb.signing_keys (purpose) where retired_at is null;
alter table memoriesdb.signing_keys enable row level security;
alter table memoriesdb.signing_keys force row level security;
-- The planner's statistics would hold the keys.
alter table memoriesdb.signing_keys
alter column purpose set statistics 0,
alter column key set statistics 0;
comment on table memoriesdb.signing_keys is
'Secrets of this database, made at install. Read by the one function that signs, which gives '
'signatures to the other functions and the key to nobody.';
comment on column memoriesdb.signing_keys.id is 'Number of the key; sessions name it.';
comment on column memoriesdb.signing_keys.purpose is
'session (signs the user of a transaction; rotated by rotate_signing_key) or query (hashes what '
'access_log must not reveal; stays).';
comment on column memoriesdb.signing_keys.key is '32 random bytes.';
comment on column memoriesdb.signing_keys.created_at is 'When it was made.';
comment on column memoriesdb.signing_keys.retired_at is
'Sessions of transactions that began later are not accepted with it; null: it is in use.';
comment on sequence memoriesdb.signing_keys_id_seq is 'Numbers of the keys: signing_keys.id.';

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
