-- The plan is the same for everybody: the owner's stretch of an index, from end to end, and the
-- best of it kept while reading. A generic plan on purpose, since in auto mode it depended on who
-- came first; nothing but index scans, since on a table without statistics yet the planner would
-- read all of it, and would go on doing so.
create or replace function memoriesdb._nearest_exactly(
  owner_id uuid,
  model_id uuid,
  after_doc bigint,
  embedding @extschema:vector@.halfvec,
  most integer
)
returns table (doc bigint, distance double precision)
language plpgsql
stable
parallel safe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set max_parallel_workers_per_gather = 0
as $function$
declare
  v_dimensions integer := @extschema:vector@.vector_dims(embedding);
begin
  if v_dimensions <= 1300 then
    return query
    select n.doc, n.distance
    from (
      select
        e.doc,
        e.embedding operator(@extschema:vector@.<=>) _nearest_exactly.embedding as distance
      from memoriesdb.memory_embeddings as e
      where e.owner_id = _nearest_exactly.owner_id and e.model_id = _nearest_exactly.model_id
        and e.doc > after_doc
        -- As the index says; and what is of another length has no distance.
        and @extschema:vector@.vector_dims(e.embedding) <= 1300
        and @extschema:vector@.vector_dims(e.embedding) = v_dimensions
      order by 2, 1 desc
      limit most
    ) as n
    -- A zero vector is at no distance from anything; it sorts last.
    where n.distance <> 'NaN';
  else
    return query
    select n.doc, n.distance
    from (
      select
        e.doc,
        e.embedding operator(@extschema:vector@.<=>) _nearest_exactly.embedding as distance
      from memoriesdb.memory_embeddings as e
      where e.owner_id = _nearest_exactly.owner_id and e.model_id = _nearest_exactly.model_id
        and e.doc > after_doc
        and @extschema:vector@.vector_dims(e.embedding) = v_dimensions
      order by 2, 1 desc
      limit most
    ) as n
    where n.distance <> 'NaN';
  end if;
end;
$function$;

alter function memoriesdb._nearest_exactly(
  uuid, uuid, bigint, @extschema:vector@.halfvec, integer
) owner to memoriesdb_definer;
revoke all on function memoriesdb._nearest_exactly(
  uuid, uuid, bigint, @extschema:vector@.halfvec, integer
) from public;
comment on function memoriesdb._nearest_exactly(
  uuid, uuid, bigint, @extschema:vector@.halfvec, integer
) is
'The nearest of one owner''s vectors with doc above after_doc, each one weighed: cosine distances '
'in order, at most most of them.';
