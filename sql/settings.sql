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
  ('recall_vector_weight', '0.6', 0.01, 1, 'Weight of the vector arm.'),
  ('recall_keyword_weight', '0.4', 0.01, 1, 'Weight of the keyword arm.'),
  (
    'recall_fuzzy_weight', '0.2', 0, 1,
    'Weight of the trigram arm, which is asked where words found fewer than k; 0 switches it off.'
  ),
  (
    'recall_smoothing', '0.5', 0, 1,
    'Part of the better neighbour''s score in the stream that is added to a memory''s own.'
  ),
  (
    'embed_query_timeout_seconds', '2', 0.1, 30,
    'How long recall waits for the embedding endpoint, in seconds.'
  ),
  ('query_cache_size', '1000', 1, 100000, 'Vectors of queries that are kept for each user.'),
  (
    'vector_index_min_rows', '20000', 100, 1000000000,
    'Vectors of one owner by one model from which they get an index of their own; fewer are all '
    'weighed.'
  ),
  (
    'vector_index_limit', '64', 0, 1000,
    'Most indexes of this kind at a time, however many owners there are: the largest have them.'
  ),
  (
    'vector_index_tail', '0.2', 0.01, 10,
    'Part of an index''s rows that may come after it, and are weighed one by one, before it is '
    'built anew; at least half of vector_index_min_rows.'
  ),
  (
    'vector_index_ef_search', '400', 10, 1000,
    'Candidates that a search of such an index keeps: more find more of the nearest, and take '
    'longer.'
  ),
  ('max_attempts', '8', 1, 100, 'Attempts before a job becomes a dead letter.'),
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
