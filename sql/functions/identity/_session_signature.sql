create or replace function memoriesdb._session_signature(session text)
returns text
language plpgsql
stable
parallel restricted
security definer -- reads signing_keys, which nobody else can
set search_path = pg_catalog, pg_temp
as $function$
begin
  return (
    -- A transaction of this backend, by its process and its beginning: the next one differs.
    select encode(@extschema:pgcrypto@.hmac(
      E'\\x6d656d6f7269657364622e73657373696f6e2e763100'::bytea -- memoriesdb.session.v1, zero
      || int4send(pg_backend_pid()) || timestamptz_send(transaction_timestamp())
      || convert_to(session_user || ' ' || session, 'UTF8'),
      k.key, 'sha256'
    ), 'hex')
    from memoriesdb.signing_keys as k
    -- Compared as text: what a session says is cast to nothing before it is known to be signed.
    where k.id::text = split_part(session, '.', 2) and k.purpose = 'session'
      -- A session of a transaction that began before its key was retired goes on.
      and (k.retired_at is null or k.retired_at >= transaction_timestamp())
  );
end;
$function$;

alter function memoriesdb._session_signature(text) owner to memoriesdb_signer;
revoke all on function memoriesdb._session_signature(text) from public;
grant execute on function memoriesdb._session_signature(text) to memoriesdb_definer;
comment on function memoriesdb._session_signature(text) is
'Signature of a session, by the key that its second part names: over its text, the login, the '
'backend and the beginning of the transaction. Null where there is no such key, or it was retired '
'before this transaction began.';
