-- Find memories for many queries at once. The vectors are sent as an untyped literal, as in recall.
select
  query_number, memory_id, owner_id, kind, content, metadata, score, similarity, keyword_rank,
  vector_rank, occurred_at, embedding_state, why
from memoriesdb.recall_batch(
  queries => %(queries)s::text[],
  k => %(k)s::integer,
  query_embeddings => %(query_embeddings)s,
  kinds => %(kinds)s::text[],
  stream => %(stream)s::text,
  metadata_filter => %(metadata_filter)s::jsonb,
  since => %(since)s::timestamptz,
  until => %(until)s::timestamptz,
  min_score => %(min_score)s::double precision,
  include_shared => %(include_shared)s::boolean
);
