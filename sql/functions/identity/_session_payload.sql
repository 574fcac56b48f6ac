create or replace function memoriesdb._session_payload(session text)
returns bytea
language sql
stable
parallel restricted
security invoker
set search_path = pg_catalog, pg_temp
as $function$
  -- A transaction of this backend, by its process and its beginning: the next one differs.
  select convert_to('memoriesdb.session.v1', 'UTF8') || '\x00'::bytea
    || int4send(pg_backend_pid()) || timestamptz_send(transaction_timestamp())
    || convert_to(session_user || ' ' || session, 'UTF8');
$function$;

alter function memoriesdb._session_payload(text) owner to memoriesdb_definer;
revoke all on function memoriesdb._session_payload(text) from public;
comment on function memoriesdb._session_payload(text) is
'What is signed of a session: its text, the login, the backend and the beginning of the '
'transaction.';
