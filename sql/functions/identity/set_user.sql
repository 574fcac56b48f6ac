create or replace function memoriesdb.set_user(user_id uuid)
returns uuid
language plpgsql
volatile
parallel unsafe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
begin
  -- The last word counts: a session that a token opened ends here.
  perform set_config('app.session', '', true);
  perform set_config('app.current_user', coalesce(set_user.user_id::text, ''), true);
  if memoriesdb.current_user_id() is distinct from set_user.user_id or set_user.user_id is null then
    perform set_config('app.current_user', '', true);
    raise exception 'unknown user' using
      errcode = 'MD002',
      detail = format('No active user has the id %s.', coalesce(set_user.user_id::text, 'null')),
      hint = case
        when set_user.user_id is null then
          'user_id(…) gives null for a name that nobody has, or whose user is deactivated.'
        else 'Users are made with memoriesdb.create_user(…) or `memoriesdb user create`.'
      end;
  end if;
  return set_user.user_id;
end;
$function$;

alter function memoriesdb.set_user(uuid) owner to memoriesdb_definer;
revoke all on function memoriesdb.set_user(uuid) from public;
grant execute on function memoriesdb.set_user(uuid) to memoriesdb_app;
comment on function memoriesdb.set_user(uuid) is
'Act as this user until the end of the transaction (memoriesdb_app only). Returns the id. '
'Raises MD002 for an unknown or deactivated user.';
