-- What stands behind every policy, through current_user_id() and _user_with_scope(): once a query,
-- never once a row. STABLE and never IMMUTABLE: a cached generic plan with the id folded in served
-- one user's rows to the next. No exception block, and no cast of text that was not checked.
create or replace function memoriesdb._who()
returns memoriesdb._identity
language plpgsql
stable
parallel restricted
security definer -- reads users, which policies call it for
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_session text := current_setting('app.session', true);
  v_setting text := current_setting('app.current_user', true);
  v_parts text[];
  v_who memoriesdb._identity;
begin
  -- A setting that was once SET LOCAL reads '' and not NULL for the rest of the backend's life.
  if v_session <> '' then
    -- What is there and not signed for this transaction names nobody, whatever else is set.
    v_parts := string_to_array(v_session, '.');
    if cardinality(v_parts) <> 7 or v_parts[7] is distinct from
       memoriesdb._session_signature(array_to_string(v_parts[1:6], '.')) then
      return null;
    end if;
    select
      u.id, u.role, nullif(v_parts[4], '-')::uuid, nullif(v_parts[5], '-')::uuid,
      string_to_array(v_parts[6], ','), true
    into v_who
    from memoriesdb.users as u
    where u.id = v_parts[3]::uuid and u.is_active
      and (v_parts[5] = '-' or exists (
        select from memoriesdb.users as a
        where a.id = nullif(v_parts[5], '-')::uuid and a.is_active and a.role = 'service'
      ));
    return v_who;
  end if;
  if v_setting <> '' and pg_has_role(session_user, 'memoriesdb_app', 'MEMBER') then
    -- A pattern with counts takes as long as the rest of the function.
    if (v_setting like '________-____-____-____-____________'
      and length(replace(v_setting, '-', '')) = 32
      and replace(v_setting, '-', '') ~ '^[0-9a-f]+$') is not true then
      return null;
    end if;
    select u.id, u.role, null::uuid, null::uuid, array['read', 'write', 'share'], false into v_who
    from memoriesdb.users as u
    where u.id = v_setting::uuid and u.is_active;
    return v_who;
  end if;
  select u.id, u.role, null::uuid, null::uuid, array['read', 'write', 'share', 'admin'], true
  into v_who
  from memoriesdb.users as u
  where u.db_role = session_user
    and u.db_role_oid = (
      select r.oid from pg_catalog.pg_roles as r where r.rolname = session_user
    )
    and u.is_active;
  return v_who;
end;
$function$;

alter function memoriesdb._who() owner to memoriesdb_definer;
revoke all on function memoriesdb._who() from public;
grant execute on function memoriesdb._who() to memoriesdb_owner;
comment on function memoriesdb._who() is
'Who acts in this transaction: by a signed session (login, act_for), else by the setting '
'app.current_user where the login is a member of memoriesdb_app, else as the user that the login '
'is mapped to. All null: nobody.';
