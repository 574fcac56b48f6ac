create or replace function memoriesdb._is_vector_index_worn(
  owner_id uuid, model_id uuid, row_count bigint
)
returns boolean
language plpgsql
stable
parallel safe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $function$
declare
  v_share double precision := memoriesdb._setting('vector_index_tail')::double precision;
  v_least double precision := memoriesdb._setting('vector_index_min_rows')::double precision / 2;
  v_index record;
  v_newer bigint;
begin
  select
    v.index_name, v.through_doc, v.row_count, v.size_bytes, x.index_name is not null as is_there
  into v_index
  from memoriesdb.memory_vector_indexes as v
  left join memoriesdb._vector_index(v.owner_id, v.model_id) as x on x.index_name = v.index_name
  where v.owner_id = _is_vector_index_worn.owner_id and v.model_id = _is_vector_index_worn.model_id
    and v.state = 'ready';
  if not v_index.is_there then
    return true;
  end if;
  select n.newer into v_newer
  from memoriesdb._newer_vectors(owner_id, model_id, v_index.through_doc) as n;
  return v_newer > greatest(v_index.row_count * v_share, v_least)
    -- Many were deleted; the rest would be found faster without their places.
    or _is_vector_index_worn.row_count - v_newer < v_index.row_count * (1 - least(v_share, 0.9))
    -- Many were changed, or came late: each stands in the graph a second time.
    or pg_relation_size(format('memoriesdb.%I', v_index.index_name)::regclass)
      > v_index.size_bytes * (1 + v_share) + 1048576;
end;
$function$;

alter function memoriesdb._is_vector_index_worn(uuid, uuid, bigint) owner to memoriesdb_definer;
revoke all on function memoriesdb._is_vector_index_worn(uuid, uuid, bigint) from public;
comment on function memoriesdb._is_vector_index_worn(uuid, uuid, bigint) is
'Whether the index of an owner and a model, who have row_count vectors now, should be built anew: '
'more than settings.vector_index_tail of its rows came after it, were deleted, or were changed, '
'or somebody has dropped it.';
