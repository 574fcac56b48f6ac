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
