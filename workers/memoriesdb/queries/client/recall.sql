-- Find memories by meaning, words and spelling. The vector is sent as an untyped literal: the
-- function's signature gives it its type, so that no schema of the vector extension is named.
select
  memory_id, owner_id, kind, content, metadata, score, similarity, keyword_rank, vector_rank,
  occurred_at, embedding_state, why
from memoriesdb.recall(
  query => %(query)s::text,
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
