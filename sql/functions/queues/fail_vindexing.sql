create or replace function memoriesdb.fail_vindexing(
  worker text,
  job_id bigint,
  lease_token bigint,
  error text,
  permanent boolean default false,
  retry_after interval default null
)
returns text
language plpgsql
volatile
parallel unsafe
security definer -- workers have no rights on tables
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_next bigint := nextval('memoriesdb.lease_token_seq');
  v_is_dead boolean;
begin
  update memoriesdb.vindexing_schedule as v
  set last_error = left(fail_vindexing.error, 1000),
    worker = null,
    lease_token = v_next,
    dead_at = case
      when fail_vindexing.permanent or v.attempts >= memoriesdb._setting('max_attempts')::integer
        then clock_timestamp()
    end,
    available_at = clock_timestamp() + coalesce(
      fail_vindexing.retry_after, memoriesdb._backoff(v.attempts)
    )
  where v.lease_token = fail_vindexing.lease_token and v.worker = fail_vindexing.worker
    and v.available_at > clock_timestamp() and v.dead_at is null;
  if not found then
    return 'refused';
  end if;
  select bool_and(v.dead_at is not null) into v_is_dead
  from memoriesdb.vindexing_schedule as v where v.lease_token = v_next;
  return case when v_is_dead then 'dead' else 'retry' end;
end;
$function$;

alter function memoriesdb.fail_vindexing(text, bigint, bigint, text, boolean, interval)
owner to memoriesdb_definer;
revoke all on function memoriesdb.fail_vindexing(text, bigint, bigint, text, boolean, interval)
from public;
grant execute on function memoriesdb.fail_vindexing(text, bigint, bigint, text, boolean, interval)
to memoriesdb_worker;
comment on function memoriesdb.fail_vindexing(text, bigint, bigint, text, boolean, interval) is
'Report that a refresh failed: the slice keeps its old data and is tried again later, until '
'settings.max_attempts. Returns retry, dead, or refused (lease lost).';
