-- What each step of a recall makes of one memory. The vector is untyped, as in recall.
select step, outcome, rank, score, detail
from memoriesdb.explain_recall(
  query => %(query)s::text,
  memory_id => %(memory_id)s::uuid,
  k => %(k)s::integer,
  query_embedding => %(query_embedding)s,
  kinds => %(kinds)s::text[],
  stream => %(stream)s::text,
  metadata_filter => %(metadata_filter)s::jsonb,
  since => %(since)s::timestamptz,
  until => %(until)s::timestamptz,
  min_score => %(min_score)s::double precision,
  include_shared => %(include_shared)s::boolean
);
