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
