-- Start-time fair queueing: who has nothing in line stands where the line has come to, who has,
-- one turn after his last job. So each turn has one job of each owner, and a job waits for at most
-- as many others of its turn as there are owners, however many jobs they have. Volatile: it sees
-- those that the same statement has queued before.
create or replace function memoriesdb._turn(owner_id uuid, model_id uuid, priority smallint)
returns bigint
language plpgsql
volatile
parallel unsafe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_top bigint := memoriesdb._top_of_line(model_id, priority);
  -- Of the line: backfills stand from 2^62 on.
  v_end bigint := case
    when priority < 100 then 4611686018427387903 else 9223372036854775807
  end;
  v_last bigint;
begin
  -- Not from the owner's first job on: those below the top are claimed, and their index entries may
  -- stay for as long as some transaction is open.
  select j.turn into v_last
  from memoriesdb.embedding_schedule as j
  where j.owner_id = _turn.owner_id and j.model_id = _turn.model_id
    and j.turn >= v_top and j.turn <= v_end
  order by j.turn desc
  limit 1;
  return coalesce(v_last + 1, v_top);
end;
$function$;

alter function memoriesdb._turn(uuid, uuid, smallint) owner to memoriesdb_definer;
revoke all on function memoriesdb._turn(uuid, uuid, smallint) from public;
comment on function memoriesdb._turn(uuid, uuid, smallint) is
'The place at the end of an owner''s own jobs in the line of a model.';
