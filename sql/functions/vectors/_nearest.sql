create or replace function memoriesdb._nearest(
  owner_id uuid,
  model_id uuid,
  embedding @extschema:vector@.halfvec,
  most integer,
  most_exactly integer default null
)
returns table (doc bigint, distance double precision)
language plpgsql
stable
parallel unsafe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
as $function$
declare
  v_index record;
  v_docs bigint[];
  v_distances double precision[];
begin
  select v.* into v_index from memoriesdb._vector_index(owner_id, model_id) as v;
  if found and v_index.dimensions = @extschema:vector@.vector_dims(embedding) then
    select array_agg(i.doc), array_agg(i.distance) into v_docs, v_distances
    from memoriesdb._nearest_by_index(
      owner_id, model_id, v_index.through_doc, v_index.dimensions, embedding, most
    ) as i;
  end if;
  -- An index whose graph is full of deleted rows gives up before it has come to those that are
  -- left: then it is as if there were none.
  if cardinality(v_docs) >= most then
    return query
    select n.doc, n.distance
    from (
      select i.doc, i.distance from unnest(v_docs, v_distances) as i (doc, distance)
      union all
      -- What came after the index was built.
      select t.doc, t.distance
      from memoriesdb._nearest_exactly(
        owner_id, model_id, v_index.through_doc, embedding, most
      ) as t
    ) as n
    order by n.distance, n.doc desc
    limit most;
  else
    return query
    select n.doc, n.distance
    from memoriesdb._nearest_exactly(
      owner_id, model_id, 0, embedding, coalesce(most_exactly, most)
    ) as n;
  end if;
end;
$function$;

alter function memoriesdb._nearest(uuid, uuid, @extschema:vector@.halfvec, integer, integer)
owner to memoriesdb_definer;
revoke all on function memoriesdb._nearest(uuid, uuid, @extschema:vector@.halfvec, integer, integer)
from public;
comment on function memoriesdb._nearest(
  uuid, uuid, @extschema:vector@.halfvec, integer, integer
) is
'The most nearest of one owner''s vectors by one model, by cosine distance, nearest first: from '
'the owner''s index and the newer rows where there is one that gives so many (see '
'memory_vector_indexes). Otherwise each one is weighed, and most_exactly come, since their '
'distances are known anyhow. '
'Memories that are forgotten or have expired are among them.';
