create or replace function memoriesdb._reservation_payload(user_id uuid, memory_id uuid)
returns bytea
language sql
stable
parallel restricted
security invoker
set search_path = pg_catalog, pg_temp
as $function$
  -- A transaction of this backend, by its process and its beginning, as for a session.
  select convert_to('memoriesdb.reservation.v1', 'UTF8') || '\x00'::bytea
    || int4send(pg_backend_pid()) || timestamptz_send(transaction_timestamp())
    || uuid_send(user_id) || uuid_send(memory_id);
$function$;

alter function memoriesdb._reservation_payload(uuid, uuid) owner to memoriesdb_definer;
revoke all on function memoriesdb._reservation_payload(uuid, uuid) from public;
comment on function memoriesdb._reservation_payload(uuid, uuid) is
'What is signed of a reserved id: the user, the id, the backend and the beginning of the '
'transaction.';
