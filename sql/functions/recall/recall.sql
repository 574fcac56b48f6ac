-- Invoker: what it returns is read under the caller's policies, whatever the ranking named.
create or replace function memoriesdb.recall(
  query text,
  k integer default 10,
  query_embedding @extschema:vector@.vector default null,
  kinds text[] default null,
  stream text default null,
  metadata_filter jsonb default null,
  since timestamptz default null,
  until timestamptz default null,
  min_score double precision default null,
  include_shared boolean default true
)
returns table (
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
  v_model_id uuid;
  v_embedding @extschema:vector@.halfvec;
  v_ids uuid[] := '{}'::uuid[];
begin
  perform memoriesdb._require_scope('read');
  perform memoriesdb._check_recall(query, k, query_embedding, metadata_filter);
  perform memoriesdb._spend('recalls', 1);
  select q.model_id, q.embedding into v_model_id, v_embedding
  from memoriesdb._query_vector(query, query_embedding) as q;
  for
    memory_id, owner_id, kind, content, metadata, score, similarity, keyword_rank, vector_rank,
    occurred_at, embedding_state, why
  in
  select
    m.id, m.owner_id, m.kind, m.content, m.metadata, r.score::real, r.similarity::real,
    r.keyword_rank, r.vector_rank, m.occurred_at,
    memoriesdb._embedding_state(m.embedding_text_hash, e.text_hash, v_model_id, m.is_encrypted),
    r.why
  from memoriesdb._rank(
    query, k, v_model_id, v_embedding, kinds, stream, metadata_filter, since, until, min_score,
    include_shared
  ) as r
  cross join lateral (
    select x.* from memoriesdb.memories as x
    where x.owner_id = r.owner_id and x.id = r.memory_id
    offset 0
  ) as m
  left join lateral (
    select x.text_hash from memoriesdb.memory_embeddings as x
    where x.owner_id = r.owner_id and x.memory_id = r.memory_id and x.model_id = v_model_id
    offset 0
  ) as e
    on true
  order by r.place
  loop
    v_ids := v_ids || recall.memory_id;
    return next;
  end loop;
  perform memoriesdb._log_access('recall', 'answered', v_ids, cardinality(v_ids), query);
end;
$function$;

alter function memoriesdb.recall(
  text, integer, @extschema:vector@.vector, text[], text, jsonb, timestamptz, timestamptz,
  double precision, boolean
) owner to memoriesdb_definer;
revoke all on function memoriesdb.recall(
  text, integer, @extschema:vector@.vector, text[], text, jsonb, timestamptz, timestamptz,
  double precision, boolean
) from public;
grant execute on function memoriesdb.recall(
  text, integer, @extschema:vector@.vector, text[], text, jsonb, timestamptz, timestamptz,
  double precision, boolean
)
to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb.recall(
  text, integer, @extschema:vector@.vector, text[], text, jsonb, timestamptz, timestamptz,
  double precision, boolean
) is
'Find memories: one''s own and those shared with one, by meaning, words and spelling. k: how many '
'(1 to 1000). query_embedding: the query''s vector by the active model, where the caller has it. '
'since (inclusive) and until (exclusive) bound occurred_at. score: 0 to 1 within one answer (each '
'arm divided by its best, then weighted: settings recall_…). similarity: cosine. embedding_state: '
'ready, stale (the vector is of a former text), pending, or none (no model). why: rank and score '
'in each arm, the sum, what neighbours in the stream made of it, and boosts. keyword_rank and '
'vector_rank are null beyond the candidates of the arm. Encrypted memories are found by meaning '
'alone, where their owner gave a vector, and come as they are kept. Spelling is looked for where a'
' word of the query is in no memory of one''s own. Without an embedder it goes on with words and '
'says so in a NOTICE. Raises MD001, MD101, MD102, MD104, MD108, MD109, and MD011, MD012 by a token'
' with a limit.';
