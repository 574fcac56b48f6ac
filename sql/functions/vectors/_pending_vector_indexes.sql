create or replace function memoriesdb._pending_vector_indexes(owner_id uuid)
returns jsonb
language sql
stable
parallel safe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
  select coalesce(jsonb_agg(f.index_name order by f.index_name), '[]')
  from memoriesdb._vector_index_files() as f
  where strpos(f.predicate, _pending_vector_indexes.owner_id::text) > 0;
$function$;

alter function memoriesdb._pending_vector_indexes(uuid) owner to memoriesdb_definer;
revoke all on function memoriesdb._pending_vector_indexes(uuid) from public;
comment on function memoriesdb._pending_vector_indexes(uuid) is
'Vector indexes in whose definition an owner is named; once he is erased, the vindexing worker '
'drops them.';
