create or replace function memoriesdb._new_signing_key(
  purpose text, grace interval default '1 minute'
)
returns integer
language plpgsql
volatile
parallel unsafe
security definer -- writes signing_keys
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_id integer;
begin
  update memoriesdb.signing_keys as k
  set retired_at = clock_timestamp() + _new_signing_key.grace
  where k.purpose = _new_signing_key.purpose and k.retired_at is null;
  -- No transaction is as old as that and still to sign anything.
  delete from memoriesdb.signing_keys as k
  where k.retired_at < clock_timestamp() - interval '7 days';
  insert into memoriesdb.signing_keys (purpose, key)
  values (_new_signing_key.purpose, @extschema:pgcrypto@.gen_random_bytes(32))
  returning id into v_id;
  return v_id;
end;
$function$;

alter function memoriesdb._new_signing_key(text, interval) owner to memoriesdb_signer;
revoke all on function memoriesdb._new_signing_key(text, interval) from public;
grant execute on function memoriesdb._new_signing_key(text, interval) to memoriesdb_definer;
comment on function memoriesdb._new_signing_key(text, interval) is
'Make the key in use, and retire the one before after a grace, within which transactions that '
'begin may still meet it.';
