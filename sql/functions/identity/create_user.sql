create or replace function memoriesdb.create_user(
  username text, email text default null, role text default 'user'
)
returns uuid
language plpgsql
volatile
parallel unsafe
security definer -- writes users, on which nobody has rights
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_id uuid := memoriesdb._new_id();
begin
  perform memoriesdb._require_admin();
  if create_user.role is null or create_user.role not in ('admin', 'user', 'service', 'viewer') then
    raise exception 'unknown role %', coalesce(quote_literal(create_user.role), 'null') using
      errcode = 'MD111',
      hint = 'Roles are admin, user, service and viewer.';
  end if;
  if create_user.username is null or create_user.username <> btrim(create_user.username)
     or char_length(create_user.username) not between 1 and 200 then
    raise exception 'a user name has 1 to 200 characters and no blanks around it' using
      errcode = 'MD110',
      hint = 'Give another name.';
  end if;
  if create_user.username ~ E'[\\u0001-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069]' then
    raise exception 'a user name has no control characters' using
      errcode = 'MD110',
      hint = 'Leave out line breaks, tabs, escapes and marks of direction.';
  end if;
  if create_user.email !~ E'^[^@\\s]+@[^@\\s]+$' or char_length(create_user.email) > 320 then
    raise exception 'this is not an e-mail address' using
      errcode = 'MD110',
      hint = 'Leave it out, or give name@host.';
  end if;
  insert into memoriesdb.users (id, username, email, role, created_at)
  values (v_id, create_user.username, create_user.email, create_user.role, clock_timestamp())
  on conflict do nothing;
  if not found then
    raise exception 'a user of this name exists' using
      errcode = 'MD005',
      detail = format('The name is %s.', quote_literal(create_user.username)),
      hint = 'Take another name; memoriesdb.user_id(…) gives the id of an active user.';
  end if;
  return v_id;
end;
$function$;

alter function memoriesdb.create_user(text, text, text) owner to memoriesdb_definer;
revoke all on function memoriesdb.create_user(text, text, text) from public;
grant execute on function memoriesdb.create_user(text, text, text)
to memoriesdb_app, memoriesdb_client, memoriesdb_admin;
comment on function memoriesdb.create_user(text, text, text) is
'Make a user (admins). role: admin, user, service, or viewer (reads only). Returns '
'the id. Raises MD005 where the name is taken, MD110 for a bad name or address, MD111 for an '
'unknown role.';
