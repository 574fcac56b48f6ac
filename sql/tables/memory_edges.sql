-- requires: memories
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
