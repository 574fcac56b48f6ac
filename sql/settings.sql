-- This is the first audited write of an install: its partition must be there.
select memoriesdb.maintain_audit_partitions();

-- Settings of this release: new ones are added, a value that an admin has changed stays.
insert into memoriesdb.settings (key, value, default_value, minimum, maximum, description)
select s.key, s.value, s.value as default_value, s.minimum, s.maximum, s.description
from (
  values
  (
    'max_content_bytes', '262144'::jsonb, 1, 1000000,
    'Longest content and metadata of a memory, in bytes.'
  ),
  (
    'search_language', '"english"', null, null,
    'Text search configuration of PostgreSQL for the keyword arm; fixed once there are memories.'
  ),
  (
    'embedding_template', '"{speaker} ({date}): {content}"', null, null,
    'Text that is embedded and indexed where metadata.speaker is set; {speaker}, {date} and '
    '{content} are filled in. Fixed once there are memories.'
  ),
  ('recall_vector_weight', '0.55', 0.01, 1, 'Weight of the vector arm.'),
  ('recall_keyword_weight', '0.45', 0.01, 1, 'Weight of the keyword arm.'),
  (
    'recall_fuzzy_weight', '0.2', 0, 1,
    'Weight of the trigram arm, which is asked for words that no memory has; 0 switches it off.'
  ),
  ('recall_bm25_k1', '0.8', 0, 10, 'BM25: how soon more of the same word counts no more.'),
  ('recall_bm25_b', '0.4', 0, 1, 'BM25: how much longer texts are held to be less about a word.'),
  (
    'recall_fusion', '"weighted"', null, null,
    'How arms are added up: weighted, their scores divided by their best; or rrf, by their ranks.'
  ),
  ('recall_rrf_k', '60', 1, 1000, 'Constant of reciprocal rank fusion.'),
  (
    'recall_candidates', '20', 10, 1000,
    'How many of the best of each arm are weighed; the neighbours of these are weighed, too.'
  ),
  (
    'recall_posting_budget', '15000', 1000, 10000000,
    'Postings that are read for one query: of frequent words beyond it, only those of candidates.'
  ),
  (
    'recall_smoothing', '0.5', 0, 1,
    'Part of the better neighbour''s score in the stream that is added to a memory''s own.'
  ),
  (
    'recall_smoothing_far', '0.25', 0, 1,
    'The same of the better of those that stand two steps away.'
  ),
  (
    'recall_smoothing_passage', '0.5', 0, 1,
    'The same of the best within five steps, itself included.'
  ),
  (
    'recall_coverage', '0.25', 0, 1,
    'Part of the words'' score that is added for those that stand within three steps in the stream.'
  ),
  (
    'recall_speaker_boost', '0.15', 0, 1,
    'Part of its score that a memory gets besides whose speaker alone is named in the query.'
  ),
  (
    'recall_date_boost', '0.3', 0, 1,
    'Part of its score that a memory gets besides that occurred within a time that the query '
    'names, less outside it.'
  ),
  (
    'recall_date_days', '5', 0.1, 3650,
    'In how many days outside that time what they get falls to 0.37 of it.'
  ),
  (
    'recall_diversity', '0', 0, 1,
    'How much it counts against a memory to be like one that stands before it (MMR); 0: nothing.'
  ),
  (
    'recall_recency_boost', '0', 0, 1,
    'Part of its score that a memory of this moment gets besides, an older one less.'
  ),
  (
    'recall_recency_half_life_days', '30', 0.01, 36500,
    'Days after which what they get is half of it.'
  ),
  (
    'recall_importance_boost', '0', 0, 1,
    'Part of its score that a memory of importance 1 gets besides, others in proportion.'
  ),
  (
    'recall_trust_boost', '0', 0, 1,
    'Part of its score that a memory of trust 1 gets besides, others in proportion.'
  ),
  (
    'recall_shared_limit', '1000', 0, 100000,
    'How many of the memories that others share with one a recall weighs: of each who shares the '
    'newest ones, in turn. They are read at each recall, and whoever shares asks nobody.'
  ),
  (
    'recall_access_boost', '0', 0, 1,
    'Part of its score that the memory gets besides that the last 1,000 answers to this user had '
    'most often, others by the logarithm of how often.'
  ),
  (
    'embed_query_timeout_seconds', '2', 0.1, 30,
    'How long recall waits for the embedding endpoint, in seconds.'
  ),
  (
    'rerank_endpoint', '""', null, null,
    'Address of a cross-encoder that recall asks to rank what it found, such as '
    'http://127.0.0.1:8080; the contents of the candidates are sent there. Empty: none.'
  ),
  (
    'rerank_protocol', '"cohere"', null, null,
    'What rerank_endpoint speaks: cohere (Jina''s too) or tei (text-embeddings-inference).'
  ),
  ('rerank_model', '""', null, null, 'Name of the model at rerank_endpoint, where it has several.'),
  ('rerank_candidates', '50', 1, 1000, 'Memories that rerank_endpoint is given to rank.'),
  (
    'rerank_timeout_seconds', '2', 0.1, 30,
    'How long recall waits for rerank_endpoint, in seconds.'
  ),
  ('query_cache_size', '1000', 1, 100000, 'Vectors of queries that are kept for each user.'),
  (
    'vector_index_min_rows', '10000', 100, 1000000000,
    'Vectors of one owner by one model from which they get an index of their own; fewer are all '
    'weighed.'
  ),
  (
    'vector_index_limit', '64', 0, 1000,
    'Most indexes of this kind at a time by one model, however many owners there are: the largest '
    'have them.'
  ),
  (
    'vector_index_tail', '0.2', 0.01, 10,
    'Part of an index''s rows that may come after it, and are weighed one by one, before it is '
    'built anew; at least half of vector_index_min_rows.'
  ),
  (
    'vector_index_ef_search', '200', 10, 1000,
    'Candidates that a search of such an index keeps: more find more of the nearest, and take '
    'longer.'
  ),
  ('max_attempts', '8', 1, 100, 'Attempts before a job becomes a dead letter.'),
  (
    'idempotency_days', '30', 1, 3650,
    'For how long a retry with the same idempotency key is known, in days.'
  ),
  ('token_max_days', '366', 1, 36500, 'Longest life of a token, in days.'),
  (
    'token_writes_per_minute', '0', 0, 1000000,
    'Memories that a token may write in a minute, with a burst of as many; 0: no limit.'
  ),
  (
    'token_recalls_per_minute', '0', 0, 1000000,
    'Recalls that a token may make in a minute, with a burst of as many; 0: no limit.'
  ),
  (
    'transfer_max_trust', '0.5', 0, 1,
    'Trust to which a memory comes down that is given to another user, who is not asked; the new '
    'owner may raise it again, up to its trust_limit. 1: as the former owner had it.'
  ),
  (
    'access_log_sample', '1', 0, 1,
    'Part of the answered accesses that access_log records; refused ones and uses of grants are '
    'always recorded.'
  ),
  (
    'access_log_retention_days', '0', 0, 36500,
    'Age in days at which the sealing worker removes entries of access_log; 0: never.'
  ),
  (
    'seal_lag_alarm_seconds', '60', 1, 86400,
    'Age of the oldest entry that is not sealed from which status and doctor raise an alarm.'
  ),
  (
    'breaking_version', '"0.1.0"', null, null,
    'Oldest version of the package whose workers fit this database; set by releases.'
  )
) as s (key, value, minimum, maximum, description)
on conflict on constraint settings_pkey do update
  set
    default_value = excluded.default_value,
    minimum = excluded.minimum,
    maximum = excluded.maximum,
    description = excluded.description
  where (settings.default_value, settings.minimum, settings.maximum, settings.description)
  is distinct from (
    excluded.default_value, excluded.minimum, excluded.maximum, excluded.description
  );

-- Which workers still fit is a fact of the release and no choice of an admin.
update memoriesdb.settings as s set value = s.default_value
where s.key = 'breaking_version' and s.value <> s.default_value;
