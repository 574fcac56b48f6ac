create or replace function memoriesdb.forget(memory_id uuid)
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
  set forgotten_at = clock_timestamp()
  where m.owner_id = v_user_id and m.id = forget.memory_id and m.forgotten_at is null;
  if not found then
    perform memoriesdb._log_refused('forget', array[forget.memory_id]);
    return false;
  end if;
  return true;
end;
$function$;

alter function memoriesdb.forget(uuid) owner to memoriesdb_definer;
revoke all on function memoriesdb.forget(uuid) from public;
grant execute on function memoriesdb.forget(uuid) to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb.forget(uuid) is
'Recall one of one''s own memories no more. It stays in history, and restore() brings it back. '
'False where there was nothing to forget: not one''s own, unknown, or forgotten already.';
