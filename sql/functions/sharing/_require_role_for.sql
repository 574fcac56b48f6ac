-- As _user_with_scope() decides in that user's own sessions: what is refused here, nobody could
-- read or write there.
create or replace function memoriesdb._require_role_for(user_id uuid, privilege text)
returns void
language plpgsql
volatile
parallel unsafe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_role text := (select u.role from memoriesdb.users as u where u.id = _require_role_for.user_id);
begin
  if v_role = 'admin' or (v_role = 'viewer' and privilege = 'write') then
    raise exception 'the role of this user does not let him %', privilege using
      errcode = 'MD307',
      detail = format('User %s is %s.', _require_role_for.user_id,
        case v_role when 'admin' then 'an admin, who manages and reads no contents'
          else 'a viewer, who writes nothing' end),
      hint = 'Name a user or service; with a viewer memories are shared for reading: '
        'memoriesdb.share(…, ''read'').';
  end if;
end;
$function$;

alter function memoriesdb._require_role_for(uuid, text) owner to memoriesdb_definer;
revoke all on function memoriesdb._require_role_for(uuid, text) from public;
comment on function memoriesdb._require_role_for(uuid, text) is
'Raises MD307 where a user''s role does not let him read, or write: an admin does neither, a '
'viewer does not write.';
