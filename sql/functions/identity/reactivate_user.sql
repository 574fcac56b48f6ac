create or replace function memoriesdb.reactivate_user(user_id uuid)
returns boolean
language plpgsql
volatile
parallel unsafe
security definer -- writes users
set search_path = pg_catalog, pg_temp
as $function$
begin
  perform memoriesdb._require_admin();
  update memoriesdb.users as u
  set is_active = true, deactivated_at = null
  where u.id = reactivate_user.user_id and not u.is_active;
  if found then
    return true;
  end if;
  if not exists (select from memoriesdb.users as u where u.id = reactivate_user.user_id) then
    raise exception 'unknown user' using
      errcode = 'MD002',
      detail = format('No user has the id %s.', coalesce(reactivate_user.user_id::text, 'null')),
      hint = '`memoriesdb user list` shows the ids, inactive users too.';
  end if;
  return false;
end;
$function$;

alter function memoriesdb.reactivate_user(uuid) owner to memoriesdb_definer;
revoke all on function memoriesdb.reactivate_user(uuid) from public;
grant execute on function memoriesdb.reactivate_user(uuid)
to memoriesdb_app, memoriesdb_client, memoriesdb_admin;
comment on function memoriesdb.reactivate_user(uuid) is
'Undo deactivate_user (admins): sessions can act as this user again, by his login and by those of '
'his tokens that were neither revoked nor have expired meanwhile. False where the user was active '
'already. Raises MD002 for an unknown one, MD004.';
