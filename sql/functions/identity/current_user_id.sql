-- The helper behind every policy: called as (select …), so once a query. STABLE and never
-- IMMUTABLE: a cached generic plan with the id folded in served one user's rows to the next. No
-- exception block, and no cast of text that was not checked.
create or replace function memoriesdb.current_user_id()
returns uuid
language plpgsql
stable
parallel restricted
security definer -- reads users, which policies call it for
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_setting text := current_setting('app.current_user', true);
begin
  -- A setting that was once SET LOCAL reads '' and not NULL for the rest of the backend's life.
  if v_setting <> '' and pg_has_role(session_user, 'memoriesdb_app', 'MEMBER') then
    if v_setting !~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then
      return null;
    end if;
    return (select u.id from memoriesdb.users as u where u.id = v_setting::uuid and u.is_active);
  end if;
  return (
    select u.id
    from memoriesdb.users as u
    where u.db_role = session_user
      and u.db_role_oid = (
        select r.oid from pg_catalog.pg_roles as r where r.rolname = session_user
      )
      and u.is_active
  );
end;
$function$;

alter function memoriesdb.current_user_id() owner to memoriesdb_definer;
revoke all on function memoriesdb.current_user_id() from public;
grant execute on function memoriesdb.current_user_id()
to
memoriesdb_owner, memoriesdb_app, memoriesdb_client, memoriesdb_worker, memoriesdb_admin,
memoriesdb_auditor;
comment on function memoriesdb.current_user_id() is
'The user of this transaction, or null: the setting app.current_user where the login is a '
'member of memoriesdb_app, else the user that the login is mapped to. Null means that nothing '
'is visible and nothing can be written.';
