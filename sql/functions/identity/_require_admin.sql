create or replace function memoriesdb._require_admin()
returns uuid
language plpgsql
stable
parallel restricted
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
begin
  if pg_has_role(session_user, 'memoriesdb_admin', 'MEMBER') then
    return null;
  end if;
  return memoriesdb._require_scope('admin');
end;
$function$;

alter function memoriesdb._require_admin() owner to memoriesdb_definer;
revoke all on function memoriesdb._require_admin() from public;
comment on function memoriesdb._require_admin() is
'The user with the role admin of this transaction; null for a login of memoriesdb_admin, which '
'needs none. Raises MD001 or MD004 for everybody else.';
