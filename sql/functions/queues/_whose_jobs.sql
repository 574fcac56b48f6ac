create or replace function memoriesdb._whose_jobs(scope text)
returns uuid
language plpgsql
stable
parallel restricted
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
begin
  if pg_has_role(session_user, 'memoriesdb_admin', 'MEMBER')
     or memoriesdb._user_with_scope('admin') is not null then
    return null;
  end if;
  return memoriesdb._require_scope(scope);
end;
$function$;

alter function memoriesdb._whose_jobs(text) owner to memoriesdb_definer;
revoke all on function memoriesdb._whose_jobs(text) from public;
comment on function memoriesdb._whose_jobs(text) is
'Of whom this session may see (read) or change (write) dead letters: null for an admin, who may of '
'all; a user, of himself. Raises MD001 and MD004 for others.';
