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
  v_session text;
begin
  -- The number of the key is signed, too.
  select format(
    'v1.%s.%s.%s.%s.%s', s.key_id, user_id, coalesce(token_id::text, '-'),
    coalesce(actor_id::text, '-'), array_to_string(scopes, ',')
  ) into v_session
  from memoriesdb._sign('session', ''::bytea) as s;
  perform set_config(
    'app.session', v_session || '.' || memoriesdb._session_signature(v_session), true
  );
end;
$function$;

alter function memoriesdb._begin_session(uuid, uuid, uuid, text[]) owner to memoriesdb_definer;
revoke all on function memoriesdb._begin_session(uuid, uuid, uuid, text[]) from public;
comment on function memoriesdb._begin_session(uuid, uuid, uuid, text[]) is
'Let the rest of the transaction act as this user: a signed setting app.session, which counts in '
'this transaction of this backend alone.';
