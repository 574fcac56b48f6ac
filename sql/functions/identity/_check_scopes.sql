create or replace function memoriesdb._check_scopes(scopes text[], role text)
returns void
language plpgsql
stable
parallel safe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_idle text[];
begin
  if coalesce(cardinality(scopes), 0) = 0
     or not scopes <@ array['read', 'write', 'share', 'admin'] then
    raise exception 'unknown scope' using
      errcode = 'MD110',
      detail = 'Scopes are read, write, share and admin.',
      hint = 'Give at least one, such as ''{read,write}''.';
  end if;
  if 'admin' = any (scopes) and role <> 'admin' then
    raise exception 'the scope admin is for admins' using
      errcode = 'MD110',
      detail = format('The user has the role %s.', role),
      hint = 'Issue it for a user with the role admin, or leave the scope out.';
  end if;
  -- A role may change, and a token's scopes do not: so they are told of, and kept.
  v_idle := array(
    select s from unnest(scopes) as s
    where (role = 'viewer' and s <> 'read') or (role = 'admin' and s <> 'admin')
  );
  if v_idle <> '{}' then
    raise warning 'scopes that let the user do nothing: %', array_to_string(v_idle, ', ') using
      detail = format('The user has the role %s.', role),
      hint = 'A viewer reads alone; an admin administers, and reads and writes no memories.';
  end if;
end;
$function$;

alter function memoriesdb._check_scopes(text[], text) owner to memoriesdb_definer;
revoke all on function memoriesdb._check_scopes(text[], text) from public;
comment on function memoriesdb._check_scopes(text[], text) is
'Warns of scopes that a user with this role cannot use. Raises MD110 for none, for unknown ones, '
'and for admin where the role is another.';
