create or replace function memoriesdb._require_user()
returns uuid
language plpgsql
stable
parallel restricted
security invoker
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_user_id uuid := memoriesdb.current_user_id();
begin
  if v_user_id is null then
    raise exception 'no user in this transaction' using
      errcode = 'MD001',
      detail = format('Login %s names no active user, and is mapped to none.', session_user),
      hint = 'Call memoriesdb.login(…) with a token, or in memoriesdb_app memoriesdb.set_user(…), '
        'in the same transaction (with autocommit it is gone after its statement); or an admin '
        'maps the login to a user with memoriesdb.map_db_role(…).';
  end if;
  return v_user_id;
end;
$function$;

alter function memoriesdb._require_user() owner to memoriesdb_definer;
revoke all on function memoriesdb._require_user() from public;
grant execute on function memoriesdb._require_user()
to memoriesdb_owner, memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._require_user() is
'The user of this transaction. Raises MD001 where there is none.';
