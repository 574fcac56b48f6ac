-- Planned anew at each call, with owner, model and range as literals: the planner takes a partial
-- index only where it can prove that the index holds all that is asked for. Were it gone by now,
-- the statement would be answered all the same, from another index and with a sort.
create or replace function memoriesdb._nearest_by_index(
  owner_id uuid,
  model_id uuid,
  through_doc bigint,
  dimensions integer,
  embedding @extschema:vector@.halfvec,
  most integer
)
returns table (doc bigint, distance double precision)
language plpgsql
stable
parallel unsafe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set max_parallel_workers_per_gather = 0
set work_mem = '32MB' -- of the session's the scan takes what it may keep, and ends beyond it
as $function$
declare
  -- Not in the function's head, where they cannot be named before pgvector is loaded.
  v_ef_search text := current_setting('hnsw.ef_search', true);
  v_iterative_scan text := current_setting('hnsw.iterative_scan', true);
  v_max_scan_tuples text := current_setting('hnsw.max_scan_tuples', true);
  v_mem_multiplier text := current_setting('hnsw.scan_mem_multiplier', true);
begin
  perform set_config(
    'hnsw.ef_search',
    least(1000, greatest(memoriesdb._setting('vector_index_ef_search')::integer, most))::text,
    true
  );
  -- Where deleted rows stand in the graph, it goes on until there are enough.
  perform set_config('hnsw.iterative_scan', 'relaxed_order', true);
  perform set_config('hnsw.max_scan_tuples', '20000', true);
  perform set_config('hnsw.scan_mem_multiplier', '1', true);
  return query execute format(
    'select e.doc, (e.embedding::@extschema:vector@.halfvec(%s)) '
    'operator(@extschema:vector@.<=>) $1 from memoriesdb.memory_embeddings as e '
    'where e.owner_id = %L and e.model_id = %L and e.doc <= %s '
    'and @extschema:vector@.vector_dims(e.embedding) = %1$s order by 2 limit $2',
    dimensions, owner_id, model_id, through_doc
  ) using embedding, most;
  perform set_config('hnsw.ef_search', coalesce(v_ef_search, '40'), true);
  perform set_config('hnsw.iterative_scan', coalesce(v_iterative_scan, 'off'), true);
  perform set_config('hnsw.max_scan_tuples', coalesce(v_max_scan_tuples, '20000'), true);
  perform set_config('hnsw.scan_mem_multiplier', coalesce(v_mem_multiplier, '1'), true);
end;
$function$;

alter function memoriesdb._nearest_by_index(
  uuid, uuid, bigint, integer, @extschema:vector@.halfvec, integer
) owner to memoriesdb_definer;
revoke all on function memoriesdb._nearest_by_index(
  uuid, uuid, bigint, integer, @extschema:vector@.halfvec, integer
) from public;
comment on function memoriesdb._nearest_by_index(
  uuid, uuid, bigint, integer, @extschema:vector@.halfvec, integer
) is
'The nearest of one owner''s vectors with doc up to through_doc, from the owner''s index: cosine '
'distances, nearly in order, and nearly always the nearest.';
