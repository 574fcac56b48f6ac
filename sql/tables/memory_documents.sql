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
