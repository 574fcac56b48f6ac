-- The reaper: what a lost worker held, and what waited for the end of a back-off. One after the
-- other, since a turn depends on the one before; they are few.
create or replace function memoriesdb._put_in_line(since timestamptz, most integer)
returns table (due_at timestamptz, reaped bigint)
language plpgsql
volatile
parallel unsafe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off -- through the index of what is not in line, whatever is known of it
set enable_bitmapscan = off
set enable_sort = off
set jit = off
as $function$
declare
  v_max_attempts integer;
  v_job memoriesdb.embedding_schedule;
  v_count integer := 0;
begin
  due_at := clock_timestamp();
  reaped := 0;
  for v_job in
    select j.*
    from memoriesdb.embedding_schedule as j
    where j.turn is null and j.dead_at is null
      and j.available_at > since and j.available_at <= due_at
    order by j.available_at
    limit most
    for update skip locked
  loop
    v_count := v_count + 1;
    reaped := reaped + (v_job.worker is not null)::integer;
    v_max_attempts := coalesce(
      v_max_attempts, memoriesdb._setting('max_attempts')::integer
    );
    if v_job.worker is not null and v_job.attempts >= v_max_attempts then
      -- A text that took its worker down every time: nobody has reported a failure.
      update memoriesdb.embedding_schedule as j
      set worker = null, lease_token = nextval('memoriesdb.lease_token_seq'),
        dead_at = clock_timestamp(),
        last_error = coalesce(j.last_error, 'the worker was lost every time')
      where j.job_id = v_job.job_id;
    else
      update memoriesdb.embedding_schedule as j
      set worker = null, lease_token = nextval('memoriesdb.lease_token_seq'),
        turn = memoriesdb._turn(v_job.owner_id, v_job.model_id, v_job.priority)
      where j.job_id = v_job.job_id;
    end if;
    if v_count = most then
      -- There may be more that came due at that moment.
      due_at := v_job.available_at - interval '1 microsecond';
    end if;
  end loop;
  return next;
end;
$function$;

alter function memoriesdb._put_in_line(timestamptz, integer) owner to memoriesdb_definer;
revoke all on function memoriesdb._put_in_line(timestamptz, integer) from public;
comment on function memoriesdb._put_in_line(timestamptz, integer) is
'Put up to most jobs in line that came due since then: after a back-off, or since the lease of '
'their worker has run out; of these, those without an attempt left become dead letters. Returns '
'until when nothing is left, and how many leases had run out.';
