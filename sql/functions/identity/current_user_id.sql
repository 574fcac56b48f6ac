create or replace function memoriesdb.current_user_id()
returns uuid
language plpgsql
stable
parallel restricted
security definer -- nobody but the definer may ask _who()
set search_path = pg_catalog, pg_temp
as $function$
begin
  return (memoriesdb._who()).user_id;
end;
$function$;

alter function memoriesdb.current_user_id() owner to memoriesdb_definer;
revoke all on function memoriesdb.current_user_id() from public;
grant execute on function memoriesdb.current_user_id()
to
memoriesdb_owner, memoriesdb_app, memoriesdb_client, memoriesdb_worker, memoriesdb_admin,
memoriesdb_auditor;
comment on function memoriesdb.current_user_id() is
'The user of this transaction, or null: of a signed session (login, act_for), else the setting '
'app.current_user where the login is a member of memoriesdb_app, else the user that the login is '
'mapped to. Null means that nothing is visible and nothing can be written.';
