create or replace function memoriesdb.finish_vector_index(worker text, lease_token bigint)
returns text
language plpgsql
volatile
parallel unsafe
security definer -- workers have no rights on tables
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_row memoriesdb.memory_vector_indexes;
  v_file record;
begin
  select v.* into v_row
  from memoriesdb.memory_vector_indexes as v
  where v.lease_token = finish_vector_index.lease_token and v.worker = finish_vector_index.worker
    and v.available_at > clock_timestamp()
  for update;
  if not found then
    return 'refused';
  end if;
  select f.* into v_file from memoriesdb._vector_index_files() as f
  where f.index_name = v_row.index_name;
  -- What is there counts, and not what the worker says.
  if found is distinct from (v_row.state = 'building')
     or v_row.state = 'building' and not v_file.is_valid then
    return memoriesdb.fail_vector_index(
      worker, lease_token,
      case when v_row.state = 'retired' then 'the index is still there'
        when found then 'the index is invalid' else 'there is no such index' end
    );
  end if;
  if v_row.state = 'retired' then
    delete from memoriesdb.memory_vector_indexes as v
    where v.lease_token = finish_vector_index.lease_token;
    return 'dropped';
  end if;
  update memoriesdb.memory_vector_indexes as v
  set state = 'retired', attempts = 0, available_at = clock_timestamp(),
    updated_at = clock_timestamp()
  where v.owner_id = v_row.owner_id and v.model_id = v_row.model_id and v.state = 'ready';
  update memoriesdb.memory_vector_indexes as v
  set state = 'ready', worker = null, attempts = 0, last_error = null,
    row_count = v_file.row_count::bigint, size_bytes = v_file.size_bytes,
    ready_at = clock_timestamp(), updated_at = clock_timestamp()
  where v.lease_token = finish_vector_index.lease_token;
  return 'ready';
end;
$function$;

alter function memoriesdb.finish_vector_index(text, bigint) owner to memoriesdb_definer;
revoke all on function memoriesdb.finish_vector_index(text, bigint) from public;
grant execute on function memoriesdb.finish_vector_index(text, bigint) to memoriesdb_worker;
comment on function memoriesdb.finish_vector_index(text, bigint) is
'Report that a claimed vector index was built, or dropped. Returns ready (recall uses it from now '
'on, and the generation before it is retired), dropped, refused (lease lost), or, where the '
'catalogue says otherwise, what fail_vector_index() does.';
