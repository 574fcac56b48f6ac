create or replace function memoriesdb.rewrap_owner_key(
  key_id integer, wrapped_key bytea, provider text, provider_key text
)
returns boolean
language plpgsql
volatile
parallel unsafe
security definer -- users write no keys directly; only the user's own
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_user_id uuid := memoriesdb._require_scope('write');
begin
  perform memoriesdb._check_wrapped_key(wrapped_key, provider, provider_key);
  update memoriesdb.owner_keys as k
  set wrapped_key = rewrap_owner_key.wrapped_key, provider = rewrap_owner_key.provider,
    provider_key = rewrap_owner_key.provider_key, rewrapped_at = clock_timestamp()
  where k.owner_id = v_user_id and k.key_id = rewrap_owner_key.key_id;
  return found;
end;
$function$;

alter function memoriesdb.rewrap_owner_key(integer, bytea, text, text) owner to memoriesdb_definer;
revoke all on function memoriesdb.rewrap_owner_key(integer, bytea, text, text) from public;
grant execute on function memoriesdb.rewrap_owner_key(integer, bytea, text, text)
to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb.rewrap_owner_key(integer, bytea, text, text) is
'Replace the wrapping of one of the user''s keys: the same key, wrapped by another key. The '
'database cannot tell whether it is the same: unwrap it before you store it. False where there is '
'no such key. Raises MD110, MD204 (what is under a legal hold needs it).';
