create or replace function memoriesdb.user_id(username text)
returns uuid
language plpgsql
stable
parallel restricted
security definer -- users shows each user his own row only
set search_path = pg_catalog, pg_temp
as $function$
begin
  return (
    select u.id from memoriesdb.users as u where u.username = user_id.username and u.is_active
  );
end;
$function$;

alter function memoriesdb.user_id(text) owner to memoriesdb_definer;
revoke all on function memoriesdb.user_id(text) from public;
grant execute on function memoriesdb.user_id(text)
to memoriesdb_app, memoriesdb_client, memoriesdb_admin;
comment on function memoriesdb.user_id(text) is
'Id of the active user of exactly this name, or null: for naming a grantee. There is no way to '
'list names.';
