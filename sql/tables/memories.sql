-- requires: users
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
