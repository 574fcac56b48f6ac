create or replace function memoriesdb._raise_not_found(memory_id uuid)
returns void
language plpgsql
volatile
parallel unsafe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
begin
  -- The entry of access_log would be rolled back with the transaction, so the refusal goes to the
  -- server log.
  raise log 'memoriesdb access: refused memory % to % (%)', memory_id, memoriesdb.current_user_id(),
    session_user;
  raise exception 'memory not found' using
    errcode = 'MD201',
    detail = format('You have no memory %s.', coalesce(memory_id::text, 'null')),
    hint = 'Another user''s memory, shared or not, answers as one that does not exist.';
end;
$function$;

alter function memoriesdb._raise_not_found(uuid) owner to memoriesdb_definer;
revoke all on function memoriesdb._raise_not_found(uuid) from public;
grant execute on function memoriesdb._raise_not_found(uuid) to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._raise_not_found(uuid) is
'Raises MD201: the same answer for a memory that does not exist and for one that is somebody '
'else''s.';
