create or replace function memoriesdb.unassign_service(service_id uuid, user_id uuid)
returns boolean
language plpgsql
volatile
parallel unsafe
security definer -- writes service_assignments
set search_path = pg_catalog, pg_temp
as $function$
begin
  -- A user may send away who acts for him; one who acts for him sends nobody away.
  if memoriesdb._user_with_scope('share') is distinct from unassign_service.user_id
     or (memoriesdb._who()).actor_id is not null then
    perform memoriesdb._require_admin();
  end if;
  delete from memoriesdb.service_assignments as s
  where s.service_id = unassign_service.service_id and s.user_id = unassign_service.user_id;
  return found;
end;
$function$;

alter function memoriesdb.unassign_service(uuid, uuid) owner to memoriesdb_definer;
revoke all on function memoriesdb.unassign_service(uuid, uuid) from public;
grant execute on function memoriesdb.unassign_service(uuid, uuid)
to memoriesdb_app, memoriesdb_client, memoriesdb_admin;
comment on function memoriesdb.unassign_service(uuid, uuid) is
'A service may act for this user no more, from its next transaction on; by an admin or by the '
'user. False where it was not assigned. Raises MD004.';
