-- requires: memory_documents
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
