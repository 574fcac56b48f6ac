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
