-- Volatile: sees a hold that was committed while the caller waited for a row.
create or replace function memoriesdb._raise_if_held(owner_id uuid, memory_ids uuid[])
returns void
language plpgsql
volatile
parallel unsafe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_hold memoriesdb.memory_holds;
begin
  select h.* into v_hold
  from memoriesdb.memory_holds as h
  where h.owner_id = _raise_if_held.owner_id
    and (h.memory_id is null or h.memory_id = any (_raise_if_held.memory_ids))
  limit 1;
  if found then
    raise exception 'a legal hold stands against it' using
      errcode = 'MD204',
      detail = case when v_hold.memory_id is null
        then format('All memories of user %s are held by hold %s.', v_hold.owner_id, v_hold.id)
        else format('Memory %s is held by hold %s.', v_hold.memory_id, v_hold.id) end,
      hint = 'What is held is neither forgotten, deleted, given away nor erased until an admin '
        'releases it: memoriesdb.release(…), `memoriesdb hold release`.';
  end if;
end;
$function$;

alter function memoriesdb._raise_if_held(uuid, uuid[]) owner to memoriesdb_definer;
revoke all on function memoriesdb._raise_if_held(uuid, uuid[]) from public;
comment on function memoriesdb._raise_if_held(uuid, uuid[]) is
'Raises MD204 where one of these memories of an owner, or all that he has, is under a legal hold.';
