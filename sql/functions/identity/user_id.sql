create or replace function memoriesdb.user_id(username text)
returns uuid
language plpgsql
stable
parallel restricted
security definer -- users shows each user his own row only
set search_path = pg_catalog, pg_temp
as $function$
begin
  -- An application names whom it acts for. Others name grantees: names are not for trying out.
  if not pg_has_role(session_user, 'memoriesdb_app', 'MEMBER')
     and not pg_has_role(session_user, 'memoriesdb_admin', 'MEMBER')
     and memoriesdb._user_with_scope('share') is null
     and memoriesdb._user_with_scope('admin') is null then
    perform memoriesdb._require_user();
    raise exception 'this session may not look names up' using
      errcode = 'MD004',
      detail = 'Names are looked up to share with somebody, or to administer.',
      hint = 'The scope share is enough: ask an admin for a token with it.';
  end if;
  return (
    select u.id
    from memoriesdb.users as u
    where u.username || '' = user_id.username and u.is_active -- as it is indexed
  );
end;
$function$;

alter function memoriesdb.user_id(text) owner to memoriesdb_definer;
revoke all on function memoriesdb.user_id(text) from public;
grant execute on function memoriesdb.user_id(text)
to memoriesdb_app, memoriesdb_client, memoriesdb_admin;
comment on function memoriesdb.user_id(text) is
'Id of the active user of exactly this name, or null: for applications, for naming a grantee '
'(scope share), and for admins. There is no way to list names. Raises MD001, MD004.';
