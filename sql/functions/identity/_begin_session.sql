create or replace function memoriesdb._begin_session(
  user_id uuid, token_id uuid, actor_id uuid, scopes text[]
)
returns void
language plpgsql
volatile
parallel unsafe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_signed record;
  v_fields text := format(
    '%s.%s.%s.%s', user_id, coalesce(token_id::text, '-'), coalesce(actor_id::text, '-'),
    array_to_string(scopes, ',')
  );
  v_key_id integer;
begin
  -- The number of the key is signed, too.
  select s.key_id into v_key_id from memoriesdb._sign('session', ''::bytea) as s;
  v_fields := format('v1.%s.%s', v_key_id, v_fields);
  select s.* into v_signed
  from memoriesdb._sign('session', memoriesdb._session_payload(v_fields), v_key_id) as s;
  perform set_config('app.session', v_fields || '.' || encode(v_signed.signature, 'hex'), true);
end;
$function$;

alter function memoriesdb._begin_session(uuid, uuid, uuid, text[]) owner to memoriesdb_definer;
revoke all on function memoriesdb._begin_session(uuid, uuid, uuid, text[]) from public;
comment on function memoriesdb._begin_session(uuid, uuid, uuid, text[]) is
'Let the rest of the transaction act as this user: a signed setting app.session, which counts in '
'this transaction of this backend alone.';
