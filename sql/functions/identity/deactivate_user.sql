create or replace function memoriesdb.deactivate_user(user_id uuid)
returns boolean
language plpgsql
volatile
parallel unsafe
security definer -- writes users
set search_path = pg_catalog, pg_temp
as $function$
begin
  perform memoriesdb._require_admin();
  perform memoriesdb._mark_deactivation();
  update memoriesdb.users as u
  set is_active = false, deactivated_at = clock_timestamp()
  where u.id = deactivate_user.user_id and u.is_active;
  if found then
    return true;
  end if;
  if not exists (select from memoriesdb.users as u where u.id = deactivate_user.user_id) then
    raise exception 'unknown user' using
      errcode = 'MD002',
      detail = format('No user has the id %s.', coalesce(deactivate_user.user_id::text, 'null')),
      hint = 'memoriesdb.user_id(…) gives the id of a name.';
  end if;
  return false;
end;
$function$;

alter function memoriesdb.deactivate_user(uuid) owner to memoriesdb_definer;
revoke all on function memoriesdb.deactivate_user(uuid) from public;
grant execute on function memoriesdb.deactivate_user(uuid)
to memoriesdb_app, memoriesdb_client, memoriesdb_admin;
comment on function memoriesdb.deactivate_user(uuid) is
'No session can act as this user any more, from its next statement on; the memories stay '
'(admins). A transaction in repeatable read, or serializable, that began before reads on and '
'writes nothing more (40001), whoever''s it is. False where the user was inactive already. Raises '
'MD002 for an unknown one.';
