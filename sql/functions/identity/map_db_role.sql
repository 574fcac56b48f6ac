create or replace function memoriesdb.map_db_role(user_id uuid, db_role name)
returns void
language plpgsql
volatile
parallel unsafe
security definer -- writes users
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_oid oid;
begin
  if map_db_role.db_role is not null then
    select r.oid into v_oid from pg_catalog.pg_roles as r
    where r.rolname = map_db_role.db_role and r.rolcanlogin;
    if not found then
      raise exception 'unknown login' using
        errcode = 'MD006',
        detail = format(
          'No role that can log in has the name %s.', quote_literal(map_db_role.db_role)
        ),
        hint = 'create role … login in role memoriesdb_client;';
    end if;
    if exists (
      select from memoriesdb.users as u
      where u.db_role = map_db_role.db_role and u.id is distinct from map_db_role.user_id
    ) then
      raise exception 'this login is mapped to another user' using
        errcode = 'MD005',
        hint = 'A login acts as one user: map the other one to null first.';
    end if;
  end if;
  perform memoriesdb._mark_deactivation();
  update memoriesdb.users as u
  set db_role = map_db_role.db_role, db_role_oid = v_oid
  where u.id = map_db_role.user_id;
  if not found then
    raise exception 'unknown user' using
      errcode = 'MD002',
      detail = format('No user has the id %s.', coalesce(map_db_role.user_id::text, 'null')),
      hint = 'memoriesdb.user_id(…) gives the id of a name.';
  end if;
end;
$function$;

alter function memoriesdb.map_db_role(uuid, name) owner to memoriesdb_definer;
revoke all on function memoriesdb.map_db_role(uuid, name) from public;
grant execute on function memoriesdb.map_db_role(uuid, name) to memoriesdb_admin;
comment on function memoriesdb.map_db_role(uuid, name) is
'Let this login act as this user without naming it (memoriesdb_admin); null ends that. Kept '
'with the login''s oid: a dropped name that somebody takes over maps to nobody. Raises MD002, '
'MD005 or MD006.';
