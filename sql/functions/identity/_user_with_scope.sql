create or replace function memoriesdb._user_with_scope(scope text)
returns uuid
language plpgsql
stable
parallel restricted
security definer -- nobody but the definer may ask _who()
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_who memoriesdb._identity := memoriesdb._who();
begin
  return case
    when not scope = any (v_who.scopes) then null
    when scope = 'read' and v_who.role <> 'admin' then v_who.user_id
    when scope = 'admin' and v_who.role = 'admin' and v_who.is_proven then v_who.user_id
    when scope in ('write', 'share') and v_who.role not in ('admin', 'viewer') then v_who.user_id
  end;
end;
$function$;

alter function memoriesdb._user_with_scope(text) owner to memoriesdb_definer;
revoke all on function memoriesdb._user_with_scope(text) from public;
grant execute on function memoriesdb._user_with_scope(text)
to
memoriesdb_owner, memoriesdb_app, memoriesdb_client, memoriesdb_worker, memoriesdb_admin,
memoriesdb_auditor;
comment on function memoriesdb._user_with_scope(text) is
'The user of this transaction where his role and his token let him: read (not an admin, who '
'manages and reads no contents), write and share (neither admin nor viewer), admin (an admin, '
'proven by a token or by his login). Else null. For the policies.';
