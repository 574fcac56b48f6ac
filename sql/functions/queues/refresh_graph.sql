create or replace function memoriesdb.refresh_graph(worker text, job_id bigint, lease_token bigint)
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
  select v.slice into v_slice
  from memoriesdb.vindexing_schedule as v
  where v.job_id = refresh_graph.job_id and v.lease_token = refresh_graph.lease_token
    and v.worker = refresh_graph.worker and v.available_at > clock_timestamp()
    and v.dead_at is null;
  if not found then
    return 'refused';
  end if;
  perform memoriesdb._refresh_graph_slice(v_slice);
  -- Were the lease lost meanwhile, the refresh would still be good; the job then belongs to who
  -- claimed it.
  return case memoriesdb.complete_vindexing(worker, job_id, lease_token)
    when 'done' then 'refreshed'
    else 'refused'
  end;
end;
$function$;

alter function memoriesdb.refresh_graph(text, bigint, bigint) owner to memoriesdb_definer;
revoke all on function memoriesdb.refresh_graph(text, bigint, bigint) from public;
grant execute on function memoriesdb.refresh_graph(text, bigint, bigint) to memoriesdb_worker;
comment on function memoriesdb.refresh_graph(text, bigint, bigint) is
'Refresh the slice of a claimed job and complete the job, in one transaction: a refresh that '
'fails leaves old data and job. Readers do not wait. Returns refreshed, or refused (lease '
'lost).';
