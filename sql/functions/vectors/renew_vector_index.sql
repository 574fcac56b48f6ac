create or replace function memoriesdb.renew_vector_index(
  worker text, lease_token bigint, lease interval default '2 minutes'
)
returns boolean
language plpgsql
volatile
parallel unsafe
security definer -- workers have no rights on tables
set search_path = pg_catalog, pg_temp
as $function$
begin
  perform memoriesdb._check_claim(worker, 1, lease);
  update memoriesdb.memory_vector_indexes as v
  set available_at = clock_timestamp() + lease
  where v.lease_token = renew_vector_index.lease_token and v.worker = renew_vector_index.worker
    and v.available_at > clock_timestamp();
  return found;
end;
$function$;

alter function memoriesdb.renew_vector_index(text, bigint, interval) owner to memoriesdb_definer;
revoke all on function memoriesdb.renew_vector_index(text, bigint, interval) from public;
grant execute on function memoriesdb.renew_vector_index(text, bigint, interval)
to memoriesdb_worker;
comment on function memoriesdb.renew_vector_index(text, bigint, interval) is
'Prolong the lease of a claimed vector index, from now. False where it has run out, or the index '
'is not wanted any more: stop building.';
