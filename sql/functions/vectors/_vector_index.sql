create or replace function memoriesdb._vector_index(owner_id uuid, model_id uuid)
returns table (index_name name, through_doc bigint, dimensions integer)
language plpgsql
stable
parallel safe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $function$
begin
  -- No join: whoever calls this may have switched a kind of it off.
  return query
  select v.index_name, v.through_doc, v.dimensions
  from memoriesdb.memory_vector_indexes as v
  where v.owner_id = _vector_index.owner_id and v.model_id = _vector_index.model_id
    and v.state = 'ready'
    and (
      select i.indisvalid and i.indrelid = 'memoriesdb.memory_embeddings'::regclass
      from pg_catalog.pg_index as i
      where i.indexrelid = to_regclass('memoriesdb.' || quote_ident(v.index_name))
    );
end;
$function$;

alter function memoriesdb._vector_index(uuid, uuid) owner to memoriesdb_definer;
revoke all on function memoriesdb._vector_index(uuid, uuid) from public;
comment on function memoriesdb._vector_index(uuid, uuid) is
'The index that recall may use for this owner and model: no row while there is none, or where '
'somebody has dropped it.';
