create or replace function memoriesdb._nobodys_vector_index()
returns name
language sql
stable
parallel safe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
  select f.index_name
  from memoriesdb._vector_index_files() as f
  where not exists (
    select from memoriesdb.memory_vector_indexes as v
    where v.index_name = f.index_name and (
      v.state in ('ready', 'retired')
      or v.state = 'building' and v.available_at > clock_timestamp()
    )
  )
  order by f.index_name
  limit 1;
$function$;

alter function memoriesdb._nobodys_vector_index() owner to memoriesdb_definer;
revoke all on function memoriesdb._nobodys_vector_index() from public;
comment on function memoriesdb._nobodys_vector_index() is
'A vector index that is to be dropped, since no row of memory_vector_indexes stands for it: of a '
'lost worker, of a failed attempt, of an erased user. Null: none.';
