create or replace function memoriesdb.recall_batch(
  queries text[],
  k integer default 10,
  query_embeddings @extschema:vector@.vector[] default null,
  kinds text[] default null,
  stream text default null,
  metadata_filter jsonb default null,
  since timestamptz default null,
  until timestamptz default null,
  min_score double precision default null,
  include_shared boolean default true
)
returns table (
  query_number integer,
  memory_id uuid,
  owner_id uuid,
  kind text,
  content text,
  metadata jsonb,
  score real,
  similarity real,
  keyword_rank integer,
  vector_rank integer,
  occurred_at timestamptz,
  embedding_state text,
  why jsonb
)
language plpgsql
volatile
parallel unsafe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
begin
  perform memoriesdb._require_scope('read');
  if cardinality(queries) > 100 or array_ndims(queries) > 1 then
    raise exception 'too many queries at once' using
      errcode = 'MD110',
      detail = format('These are %s.', cardinality(queries)),
      hint = 'Give a one-dimensional array of at most 100.';
  end if;
  if query_embeddings is not null
     and (cardinality(query_embeddings) is distinct from cardinality(queries)
          or array_ndims(query_embeddings) > 1) then
    raise exception 'the arrays differ in length' using
      errcode = 'MD110', hint = 'Give one vector, or null, for each query.';
  end if;
  -- All or none: else each attempt would take what the next one waits for.
  perform memoriesdb._spend('recalls', cardinality(queries), is_taken => false);
  return query
  select
    q.number::integer, r.memory_id, r.owner_id, r.kind, r.content, r.metadata, r.score,
    r.similarity, r.keyword_rank, r.vector_rank, r.occurred_at, r.embedding_state, r.why
  from unnest(queries, query_embeddings) with ordinality as q (query, embedding, number)
  cross join lateral memoriesdb.recall(
    q.query, k, q.embedding, kinds, stream, metadata_filter, since, until,
    min_score, include_shared
  ) as r;
end;
$function$;

alter function memoriesdb.recall_batch(
  text[], integer, @extschema:vector@.vector[], text[], text, jsonb, timestamptz, timestamptz,
  double precision, boolean
) owner to memoriesdb_definer;
revoke all on function memoriesdb.recall_batch(
  text[], integer, @extschema:vector@.vector[], text[], text, jsonb, timestamptz, timestamptz,
  double precision, boolean
) from public;
grant execute on function memoriesdb.recall_batch(
  text[], integer, @extschema:vector@.vector[], text[], text, jsonb, timestamptz, timestamptz,
  double precision, boolean
)
to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb.recall_batch(
  text[], integer, @extschema:vector@.vector[], text[], text, jsonb, timestamptz, timestamptz,
  double precision, boolean
) is
'recall() for many queries (at most 100) in one call, with the same filters: the rows of the first '
'(query_number 1), then those of the second, and so on; each is logged and counted as a recall of '
'its own; none is asked where a token''s limit does not let all of them through. '
'query_embeddings: as many, null for those that the server is to embed. Raises what recall() '
'raises, MD013 and MD110.';
