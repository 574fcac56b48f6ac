-- The best memories, packed into one text. The vector is untyped, as in recall.
select context, token_count, memory_count, citations
from memoriesdb.build_context(
  query => %(query)s::text,
  max_tokens => %(max_tokens)s::integer,
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
