create or replace function memoriesdb.drop_dead_letter(job_id bigint)
returns boolean
language plpgsql
volatile
parallel unsafe
security definer -- nobody has rights on the queue's rows
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_owner_id uuid := memoriesdb._whose_jobs('write');
begin
  update memoriesdb.embedding_schedule as j
  set dropped_at = clock_timestamp()
  where j.job_id = drop_dead_letter.job_id and j.dead_at is not null and j.dropped_at is null
    and (v_owner_id is null or j.owner_id = v_owner_id);
  return found;
end;
$function$;

alter function memoriesdb.drop_dead_letter(bigint) owner to memoriesdb_definer;
revoke all on function memoriesdb.drop_dead_letter(bigint) from public;
grant execute on function memoriesdb.drop_dead_letter(bigint)
to memoriesdb_app, memoriesdb_client, memoriesdb_admin;
comment on function memoriesdb.drop_dead_letter(bigint) is
'Give a dead letter up for good: the memory stays, found by its words and without an embedding by '
'this model until its text changes. It is no longer counted, nor is the memory stranded; '
'requeue_embedding() with its number revives it. Any for an admin, for a user those of his own '
'memories. Returns whether there was one.';
