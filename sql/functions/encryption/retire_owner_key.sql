create or replace function memoriesdb.retire_owner_key(key_id integer)
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
  update memoriesdb.owner_keys as k
  set retired_at = clock_timestamp()
  where k.owner_id = v_user_id and k.key_id = retire_owner_key.key_id and k.retired_at is null;
  return found;
end;
$function$;

alter function memoriesdb.retire_owner_key(integer) owner to memoriesdb_definer;
revoke all on function memoriesdb.retire_owner_key(integer) from public;
grant execute on function memoriesdb.retire_owner_key(integer)
to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb.retire_owner_key(integer) is
'Encrypt nothing more with one of the user''s keys; it stays for reading. add_owner_key() retires '
'the former one by itself. False where there is no such key in use.';
