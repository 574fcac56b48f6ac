create or replace function memoriesdb.dead_letters(
  letter bigint default null, most integer default 100, with_dropped boolean default false
)
returns table (
  job_id bigint,
  owner_id uuid,
  memory_id uuid,
  model text,
  priority integer,
  attempts integer,
  enqueued_at timestamptz,
  dead_at timestamptz,
  dropped_at timestamptz,
  last_error text,
  is_queued boolean,
  is_embedded boolean
)
language plpgsql
stable
parallel restricted
security definer -- nobody has rights on the queue's rows
set search_path = pg_catalog, pg_temp
as $function$
#variable_conflict use_column
declare
  v_owner_id uuid := memoriesdb._whose_jobs('read');
begin
  if most is null or most not between 1 and 100000 then
    raise exception 'most is out of range' using
      errcode = 'MD110', hint = 'Give a number from 1 to 100000.';
  end if;
  return query
  select
    j.job_id, j.owner_id, j.memory_id, o.name, j.priority::integer, j.attempts, j.enqueued_at,
    j.dead_at, j.dropped_at, j.last_error,
    exists (
      select from memoriesdb.embedding_schedule as k
      where k.owner_id = j.owner_id and k.memory_id = j.memory_id and k.model_id = j.model_id
        and k.dead_at is null
    ),
    exists (
      select from memoriesdb.memory_embeddings as e
      where e.owner_id = j.owner_id and e.memory_id = j.memory_id and e.model_id = j.model_id
    )
  from memoriesdb.embedding_schedule as j
  join memoriesdb.embedding_models as o on o.id = j.model_id
  where j.dead_at is not null
    and (dead_letters.letter is null or j.job_id = dead_letters.letter)
    and (with_dropped or j.dropped_at is null or j.job_id = dead_letters.letter)
    and (v_owner_id is null or j.owner_id = v_owner_id)
  order by j.dead_at desc, j.job_id desc
  limit most;
end;
$function$;

alter function memoriesdb.dead_letters(bigint, integer, boolean) owner to memoriesdb_definer;
revoke all on function memoriesdb.dead_letters(bigint, integer, boolean) from public;
grant execute on function memoriesdb.dead_letters(bigint, integer, boolean)
to memoriesdb_app, memoriesdb_client, memoriesdb_admin;
comment on function memoriesdb.dead_letters(bigint, integer, boolean) is
'Embedding jobs that were given up, the latest first: all for an admin, for a user those of his '
'own memories; one by its number, or up to most (1 to 100000), with_dropped also those that were '
'dropped. is_queued: another job of the memory waits; is_embedded: it has a vector, of a former '
'text. Never a text. Raises MD110.';
