create or replace function memoriesdb.revoke_token(token_id uuid)
returns boolean
language plpgsql
volatile
parallel unsafe
security definer -- writes api_tokens
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_who memoriesdb._identity := memoriesdb._who();
  v_is_own boolean;
begin
  -- One's own: any by one's login or application, by a token that token alone.
  v_is_own := coalesce(v_who.actor_id is null and exists (
    select from memoriesdb.api_tokens as t
    where t.id = revoke_token.token_id and t.user_id = v_who.user_id
      and (v_who.token_id is null or v_who.token_id = t.id)
  ), false);
  if not v_is_own then
    perform memoriesdb._require_admin();
  end if;
  update memoriesdb.api_tokens as t
  set revoked_at = clock_timestamp()
  where t.id = revoke_token.token_id and t.revoked_at is null;
  return found;
end;
$function$;

alter function memoriesdb.revoke_token(uuid) owner to memoriesdb_definer;
revoke all on function memoriesdb.revoke_token(uuid) from public;
grant execute on function memoriesdb.revoke_token(uuid)
to memoriesdb_app, memoriesdb_client, memoriesdb_admin;
comment on function memoriesdb.revoke_token(uuid) is
'From now on this token opens no session; transactions that are open go on. By an admin, by its '
'user, or by the token itself. False where it was revoked already, or to an admin where there is '
'none. Raises MD004.';
