create or replace function memoriesdb._require_scope(scope text)
returns uuid
language plpgsql
stable
parallel restricted
security invoker
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_user_id uuid := memoriesdb._user_with_scope(scope);
begin
  if v_user_id is null then
    -- Raises MD001 where there is no user at all.
    v_user_id := memoriesdb._require_user();
    raise exception 'this session may not %',
      case scope when 'admin' then 'administer' else scope end
    using
      errcode = 'MD004',
      detail = format('The token has not the scope %s, or the role of user %s does not let him.',
        scope, v_user_id),
      hint = format('Ask an admin for a token with the scope %s. A viewer only reads; an admin '
        'manages, and reads no contents.', scope);
  end if;
  return v_user_id;
end;
$function$;

alter function memoriesdb._require_scope(text) owner to memoriesdb_definer;
revoke all on function memoriesdb._require_scope(text) from public;
grant execute on function memoriesdb._require_scope(text)
to memoriesdb_owner, memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._require_scope(text) is
'The user of this transaction. Raises MD001 where there is none, MD004 where his role or his token '
'does not let him: scope is read, write, share or admin.';
