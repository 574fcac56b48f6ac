create or replace function memoriesdb.unshare(memory_id uuid, grantee_id uuid)
returns boolean
language plpgsql
volatile
parallel unsafe
security definer -- writes memory_grants; bound to grants by the user or to him
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_user_id uuid := memoriesdb._require_scope('share');
begin
  -- Nobody asks the grantee whether he wants it: he can decline.
  delete from memoriesdb.memory_grants as g
  where (g.owner_id = v_user_id or g.grantee_id = v_user_id)
    and g.memory_id = unshare.memory_id and g.grantee_id = unshare.grantee_id;
  if not found then
    perform memoriesdb._log_refused('unshare', array[unshare.memory_id]);
    return false;
  end if;
  return true;
end;
$function$;

alter function memoriesdb.unshare(uuid, uuid) owner to memoriesdb_definer;
revoke all on function memoriesdb.unshare(uuid, uuid) from public;
grant execute on function memoriesdb.unshare(uuid, uuid) to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb.unshare(uuid, uuid) is
'End a grant on one of one''s own memories, or one that was made to oneself. False where there was '
'none.';
