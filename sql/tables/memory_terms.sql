-- requires: memory_documents
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
