-- Without an INSERT, which would wait for a writer who is queueing the same memory.
create or replace function memoriesdb._requeue(job memoriesdb.embedding_schedule, delay interval)
returns void
language plpgsql
volatile
parallel unsafe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
begin
  if exists (
    select from memoriesdb.embedding_schedule as j
    where j.owner_id = job.owner_id and j.memory_id = job.memory_id and j.model_id = job.model_id
      and j.lease_token is null and j.dead_at is null
  ) then
    -- The edit has queued a job of its own, which nobody has claimed yet: it will read the last
    -- text.
    delete from memoriesdb.embedding_schedule as j where j.job_id = job.job_id;
  else
    update memoriesdb.embedding_schedule as j
    set worker = null,
      lease_token = nextval('memoriesdb.lease_token_seq'),
      dead_at = null,
      dropped_at = null,
      attempts = case when job.dead_at is null then greatest(j.attempts - 1, 0) else 0 end,
      turn = case
        when delay <= interval '0' then memoriesdb._turn(job.owner_id, job.model_id, job.priority)
      end,
      available_at = clock_timestamp() + delay
    where j.job_id = job.job_id;
  end if;
end;
$function$;

alter function memoriesdb._requeue(memoriesdb.embedding_schedule, interval)
owner to memoriesdb_definer;
revoke all on function memoriesdb._requeue(memoriesdb.embedding_schedule, interval) from public;
comment on function memoriesdb._requeue(memoriesdb.embedding_schedule, interval) is
'Queue a claimed or dead job again for the memory''s last text, at the end of its owner''s; one '
'that waits already does as well.';
