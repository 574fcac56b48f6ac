create or replace function memoriesdb._require_admin()
returns uuid
language plpgsql
stable
parallel restricted
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_user_id uuid := memoriesdb._user_with_scope('admin');
begin
  if pg_has_role(session_user, 'memoriesdb_admin', 'MEMBER') then
    return null;
  end if;
  if v_user_id is null then
    raise exception 'this session may not administer' using
      errcode = 'MD004',
      detail = format('Login %s is no member of memoriesdb_admin, and no admin has logged in.',
        session_user),
      hint = 'Connect as a member of memoriesdb_admin; or, for a user with the role admin, log in '
        'by a token with the scope admin.';
  end if;
  return v_user_id;
end;
$function$;

alter function memoriesdb._require_admin() owner to memoriesdb_definer;
revoke all on function memoriesdb._require_admin() from public;
comment on function memoriesdb._require_admin() is
'The user with the role admin of this transaction; null for a login of memoriesdb_admin, which '
'needs none. Raises MD004 for everybody else.';
