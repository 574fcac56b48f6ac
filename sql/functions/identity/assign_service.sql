create or replace function memoriesdb.assign_service(service_id uuid, user_id uuid)
returns boolean
language plpgsql
volatile
parallel unsafe
security definer -- writes service_assignments
set search_path = pg_catalog, pg_temp
as $function$
begin
  perform memoriesdb._require_admin();
  if not exists (
    select from memoriesdb.users as u
    where u.id = assign_service.service_id and u.role = 'service' and u.is_active
  ) or not exists (
    select from memoriesdb.users as u where u.id = assign_service.user_id and u.is_active
  ) then
    raise exception 'unknown user' using
      errcode = 'MD002',
      detail = format('%s is no active user with the role service, or %s no active user.',
        coalesce(assign_service.service_id::text, 'null'),
        coalesce(assign_service.user_id::text, 'null')),
      hint = 'memoriesdb.create_user(…, role => ''service'') makes a service.';
  end if;
  if assign_service.service_id = assign_service.user_id then
    raise exception 'a service acts for itself without that' using
      errcode = 'MD110', hint = 'Name another user.';
  end if;
  insert into memoriesdb.service_assignments (service_id, user_id, assigned_at)
  values (assign_service.service_id, assign_service.user_id, clock_timestamp())
  on conflict on constraint service_assignments_pkey do nothing;
  return found;
end;
$function$;

alter function memoriesdb.assign_service(uuid, uuid) owner to memoriesdb_definer;
revoke all on function memoriesdb.assign_service(uuid, uuid) from public;
grant execute on function memoriesdb.assign_service(uuid, uuid)
to memoriesdb_app, memoriesdb_client, memoriesdb_admin;
comment on function memoriesdb.assign_service(uuid, uuid) is
'Let a service act for a user (admins): see act_for(). False where it was assigned already. Raises '
'MD002, MD004, MD110.';
