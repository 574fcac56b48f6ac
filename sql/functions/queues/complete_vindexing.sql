create or replace function memoriesdb.complete_vindexing(
  worker text, job_id bigint, lease_token bigint
)
returns text
language plpgsql
volatile
parallel unsafe
security definer -- workers have no rights on tables
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_slice smallint;
begin
  select j.slice into v_slice
  from memoriesdb.vindexing_schedule as j
  where j.job_id = complete_vindexing.job_id and j.lease_token = complete_vindexing.lease_token;
  delete from memoriesdb.vindexing_schedule as v
  where v.slice = v_slice and v.lease_token = complete_vindexing.lease_token
    and v.worker = complete_vindexing.worker
    and v.available_at > clock_timestamp() and v.dead_at is null;
  if not found then
    return 'refused';
  end if;
  -- What had been given up is done with it.
  delete from memoriesdb.vindexing_schedule as v where v.slice = v_slice and v.dead_at is not null;
  return 'done';
end;
$function$;

alter function memoriesdb.complete_vindexing(text, bigint, bigint) owner to memoriesdb_definer;
revoke all on function memoriesdb.complete_vindexing(text, bigint, bigint) from public;
grant execute on function memoriesdb.complete_vindexing(text, bigint, bigint) to memoriesdb_worker;
comment on function memoriesdb.complete_vindexing(text, bigint, bigint) is
'Remove all requests of a claimed job, and the dead letters of its slice. Returns done, or '
'refused (lease lost).';
