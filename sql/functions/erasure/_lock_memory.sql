create or replace function memoriesdb._lock_memory(memory_id uuid)
returns uuid
language plpgsql
volatile
parallel unsafe
security definer -- whoever erases or holds for others looks among all owners
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_owner_id uuid;
begin
  -- Twice: a transfer that was waited for has moved the row to another owner.
  for i in 1 .. 2 loop
    select m.owner_id into v_owner_id
    from memoriesdb.memories as m
    where m.id = _lock_memory.memory_id
    for update;
    if found then
      return v_owner_id;
    end if;
  end loop;
  -- Deleted: by whom it belonged to then.
  select a.owner_id into v_owner_id
  from memoriesdb.audit_log as a
  where a.row_id = _lock_memory.memory_id and a.table_name = 'memories'
    and a.operation in ('DELETE', 'TRANSFER')
  order by a.audit_id desc
  limit 1;
  return v_owner_id;
end;
$function$;

alter function memoriesdb._lock_memory(uuid) owner to memoriesdb_definer;
revoke all on function memoriesdb._lock_memory(uuid) from public;
grant execute on function memoriesdb._lock_memory(uuid) to memoriesdb_eraser;
comment on function memoriesdb._lock_memory(uuid) is
'The owner of a memory, whose row is locked; the last owner of one that was deleted. Null where '
'there never was one.';
