create or replace function memoriesdb.requeue_embedding(job_id bigint default null)
returns integer
language plpgsql
volatile
parallel unsafe
security definer -- nobody has rights on the queue's rows
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_owner_id uuid := memoriesdb._whose_jobs('write');
  v_job memoriesdb.embedding_schedule;
  v_count integer := 0;
begin
  for v_job in
    select j.* from memoriesdb.embedding_schedule as j
    where j.dead_at is not null
      and (v_owner_id is null or j.owner_id = v_owner_id)
      and (
        j.job_id = requeue_embedding.job_id
        or (requeue_embedding.job_id is null and j.dropped_at is null)
      )
    order by j.job_id
    for update skip locked
  loop
    perform memoriesdb._requeue(v_job, interval '0');
    v_count := v_count + 1;
  end loop;
  return v_count;
end;
$function$;

alter function memoriesdb.requeue_embedding(bigint) owner to memoriesdb_definer;
revoke all on function memoriesdb.requeue_embedding(bigint) from public;
grant execute on function memoriesdb.requeue_embedding(bigint)
to memoriesdb_app, memoriesdb_client, memoriesdb_admin;
comment on function memoriesdb.requeue_embedding(bigint) is
'Queue a dead letter again, also one that was dropped; or all that were not (null). Those of all '
'owners for an admin, for a user those of his own memories. Returns how many.';
