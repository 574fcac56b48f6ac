create or replace function memoriesdb._random_waiting_owner()
returns uuid
language plpgsql
volatile
parallel unsafe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_low uuid := (
    select s.owner_id from memoriesdb.search_schedule as s order by s.owner_id limit 1
  );
  v_high uuid := (
    select s.owner_id from memoriesdb.search_schedule as s order by s.owner_id desc limit 1
  );
  v_from bigint := ('x' || substr(encode(uuid_send(v_low), 'hex'), 1, 12))::bit(48)::bigint;
  v_to bigint := ('x' || substr(encode(uuid_send(v_high), 'hex'), 1, 12))::bit(48)::bigint;
begin
  -- Ids are in order of time: a place between the first and the last, then the owner after it.
  return coalesce(
    (
      select s.owner_id
      from memoriesdb.search_schedule as s
      where s.owner_id >= (
        lpad(to_hex(v_from + floor(random() * (v_to - v_from + 1))::bigint), 12, '0')
        || substr(replace(gen_random_uuid()::text, '-', ''), 13)
      )::uuid
      order by s.owner_id
      limit 1
    ), v_low
  );
end;
$function$;

alter function memoriesdb._random_waiting_owner() owner to memoriesdb_definer;
revoke all on function memoriesdb._random_waiting_owner() from public;
comment on function memoriesdb._random_waiting_owner() is
'An owner of whom something waits in search_schedule, any; null where nothing waits.';
