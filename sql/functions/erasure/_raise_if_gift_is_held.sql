-- Volatile: sees a hold that was committed while the caller waited.
create or replace function memoriesdb._raise_if_gift_is_held(user_id uuid)
returns void
language plpgsql
volatile
parallel unsafe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_held record;
begin
  select h.id, v.memory_id into v_held
  from memoriesdb.memory_holds as h
  join memoriesdb.memory_versions as v
    on v.owner_id = h.owner_id and (h.memory_id is null or v.memory_id = h.memory_id)
  where v.operation = 'TRANSFER' and v.ended_by = _raise_if_gift_is_held.user_id
  limit 1;
  if found then
    raise exception 'a legal hold stands against it' using
      errcode = 'MD204',
      detail = format('Memory %s, which user %s gave away, is held by hold %s.', v_held.memory_id,
        _raise_if_gift_is_held.user_id, v_held.id),
      hint = 'Its custody, and the keys of its former states, are kept until an admin releases it: '
        'memoriesdb.release(…), `memoriesdb hold release`.';
  end if;
end;
$function$;

alter function memoriesdb._raise_if_gift_is_held(uuid) owner to memoriesdb_definer;
revoke all on function memoriesdb._raise_if_gift_is_held(uuid) from public;
comment on function memoriesdb._raise_if_gift_is_held(uuid) is
'Raises MD204 where a memory that this user has once given away is under a legal hold now.';
