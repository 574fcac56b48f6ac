-- RFC 9562, version 7: 48 bits of milliseconds, then in rand_a the fraction of the millisecond in
-- steps of 1/4096. Rows of one batch are made microseconds apart and so sort in order; memories.seq
-- is the order that holds if the clock is set back.
create or replace function memoriesdb._new_id()
returns uuid
language plpgsql
volatile
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
declare
  -- A double is exact to the microsecond until 2106.
  v_micros bigint := (date_part('epoch', clock_timestamp()) * 1000000)::bigint;
begin
  return encode(
    substring(int8send(v_micros / 1000) from 3)
    || substring(int8send(28672 + (v_micros % 1000) * 4096 / 1000) from 7)
    || substring(uuid_send(gen_random_uuid()) from 9),
    'hex'
  )::uuid;
end;
$function$;

alter function memoriesdb._new_id() owner to memoriesdb_definer;
revoke all on function memoriesdb._new_id() from public;
grant execute on function memoriesdb._new_id()
to memoriesdb_owner, memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._new_id() is
'A new time-ordered UUID (version 7): sorts by the time of its making, to a quarter of a '
'microsecond.';
