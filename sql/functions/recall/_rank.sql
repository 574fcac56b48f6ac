-- The one function that reads the search structures, as the definer, so that no policy is asked for
-- each of thousands of postings and vectors. Whose they are it takes from the session and never
-- from its caller; what it names, recall() reads under the caller's policies.
create or replace function memoriesdb._rank(
  query text,
  k integer,
  model_id uuid,
  embedding @extschema:vector@.halfvec,
  kinds text[],
  stream text,
  metadata_filter jsonb,
  since timestamptz,
  until timestamptz,
  min_score double precision,
  include_shared boolean,
  watched uuid default null
)
returns table (
  owner_id uuid,
  memory_id uuid,
  place bigint,
  score double precision,
  similarity double precision,
  keyword_rank integer,
  vector_rank integer,
  is_candidate boolean,
  why jsonb
)
language plpgsql
volatile
parallel unsafe
security definer -- reads what no user reads; the owner is the session's
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan -- otherwise the plan depends on who came first
-- A plan is kept for all who come after on this connection: it must not be made under the costs
-- that somebody has set for his transaction.
set seq_page_cost = 1
set random_page_cost = 4
set cpu_tuple_cost = 0.01
set cpu_index_tuple_cost = 0.005
set cpu_operator_cost = 0.0025
set enable_indexscan = on
set enable_indexonlyscan = on
set enable_hashjoin = on
set enable_hashagg = on
set enable_nestloop = on
set enable_sort = on
set join_collapse_limit = 8
set from_collapse_limit = 8
set jit = off
as $function$
declare
  v_asked memoriesdb._recall_request;
begin
  v_asked := memoriesdb._request_of(
    query, k, model_id, embedding, kinds, stream, metadata_filter, since, until, min_score,
    include_shared, watched
  );
  if query ~ '[^[:space:]]' and memoriesdb._setting('rerank_endpoint') <> '""' then
    return query
    select
      f.owner_id, f.memory_id, f.place, f.score, f.similarity, f.keyword_rank, f.vector_rank,
      f.is_candidate, f.why
    from memoriesdb._reranked(v_asked, query) as f;
  elsif (v_asked.settings -> 'diversity')::double precision > 0 and watched is null then
    return query
    select
      f.owner_id, f.memory_id, f.place, f.score, f.similarity, f.keyword_rank, f.vector_rank,
      f.is_candidate, f.why
    from memoriesdb._diversified(v_asked) as f;
  else
    return query
    select
      f.owner_id, f.memory_id, f.place, f.score, f.similarity, f.keyword_rank, f.vector_rank,
      f.is_candidate, f.why
    from memoriesdb._fuse(v_asked) as f;
  end if;
end;
$function$;

alter function memoriesdb._rank(
  text, integer, uuid, @extschema:vector@.halfvec, text[], text, jsonb, timestamptz, timestamptz,
  double precision, boolean, uuid
) owner to memoriesdb_definer;
revoke all on function memoriesdb._rank(
  text, integer, uuid, @extschema:vector@.halfvec, text[], text, jsonb, timestamptz, timestamptz,
  double precision, boolean, uuid
) from public;
grant execute on function memoriesdb._rank(
  text, integer, uuid, @extschema:vector@.halfvec, text[], text, jsonb, timestamptz, timestamptz,
  double precision, boolean, uuid
)
to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._rank(
  text, integer, uuid, @extschema:vector@.halfvec, text[], text, jsonb, timestamptz, timestamptz,
  double precision, boolean, uuid
) is
'The ids of the k best memories for the user of this transaction, his own and those shared with '
'him, with their scores and why; the watched one wherever it stands. For recall() and '
'explain_recall(), which check the arguments. Raises MD001, MD004.';
