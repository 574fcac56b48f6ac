create or replace function memoriesdb.restore(memory_id uuid)
returns boolean
language plpgsql
volatile
parallel unsafe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_user_id uuid := memoriesdb._require_scope('write');
begin
  update memoriesdb.memories as m
  set forgotten_at = null
  where m.owner_id = v_user_id and m.id = restore.memory_id and m.forgotten_at is not null;
  if not found then
    perform memoriesdb._log_refused('restore', array[restore.memory_id]);
    return false;
  end if;
  return true;
end;
$function$;

alter function memoriesdb.restore(uuid) owner to memoriesdb_definer;
revoke all on function memoriesdb.restore(uuid) from public;
grant execute on function memoriesdb.restore(uuid) to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb.restore(uuid) is
'Undo forget(). False where there was nothing to restore.';
