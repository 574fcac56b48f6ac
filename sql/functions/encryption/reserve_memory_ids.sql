-- A ciphertext is bound to its memory's id, which must be known before there is a row; and yet
-- nobody chooses ids. So the database makes them, and signs them for this user and transaction.
create or replace function memoriesdb.reserve_memory_ids(count integer default 1)
returns setof uuid
language plpgsql
volatile
parallel unsafe
security definer -- nobody else may sign
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_user_id uuid := memoriesdb._require_scope('write');
  v_reserved text := coalesce(current_setting('app.reserved_ids', true), '');
  v_id uuid;
begin
  if count is null or count not between 1 and 1000 then
    raise exception 'count is out of range' using
      errcode = 'MD108', hint = 'Give a number from 1 to 1000.';
  end if;
  if octet_length(v_reserved) > 1000000 then
    raise exception 'too many ids are reserved' using
      errcode = 'MD108', hint = 'Use those that this transaction has reserved, or end it.';
  end if;
  for v_number in 1 .. count loop
    v_id := memoriesdb._new_id();
    select format('%s %s.%s.%s', v_reserved, v_id, s.key_id, encode(s.signature, 'hex'))
    into v_reserved
    from memoriesdb._sign('session', memoriesdb._reservation_payload(v_user_id, v_id)) as s;
    return next v_id;
  end loop;
  perform set_config('app.reserved_ids', v_reserved, true);
end;
$function$;

alter function memoriesdb.reserve_memory_ids(integer) owner to memoriesdb_definer;
revoke all on function memoriesdb.reserve_memory_ids(integer) from public;
grant execute on function memoriesdb.reserve_memory_ids(integer)
to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb.reserve_memory_ids(integer) is
'Ids for memories that this user will insert encrypted in this transaction, each once: a '
'ciphertext names its memory, and the database makes the ids. count: 1 to 1000. Raises MD001, '
'MD004, MD108.';
