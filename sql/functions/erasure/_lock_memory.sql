create or replace function memoriesdb._lock_memory(memory_id uuid, owner_id uuid default null)
returns uuid
language plpgsql
volatile
parallel unsafe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_owner_id uuid;
begin
  -- For an admin through all memories: an index by the id alone would tell users, by EXPLAIN
  -- ANALYZE, which ids others have. Twice: a transfer that was waited for has moved the row to
  -- another owner.
  for i in 1 .. 2 loop
    select m.owner_id into v_owner_id
    from memoriesdb.memories as m
    where m.id = _lock_memory.memory_id
      and (_lock_memory.owner_id is null or m.owner_id = _lock_memory.owner_id)
    for update;
    if found then
      return v_owner_id;
    end if;
  end loop;
  -- Deleted: by whom it belonged to then. Who gave it away has an entry of that after its DELETE.
  select case when a.operation = 'DELETE' then a.owner_id end into v_owner_id
  from memoriesdb.audit_log as a
  where uuid_send(a.row_id) = uuid_send(_lock_memory.memory_id) and a.table_name = 'memories'
    and a.operation in ('DELETE', 'TRANSFER')
    and (_lock_memory.owner_id is null or a.owner_id = _lock_memory.owner_id)
  order by a.audit_id desc
  limit 1;
  if not found then
    -- The entry is in an archive.
    select v.owner_id into v_owner_id
    from memoriesdb.memory_versions as v
    where v.memory_id = _lock_memory.memory_id and v.operation = 'DELETE'
      and (_lock_memory.owner_id is null or v.owner_id = _lock_memory.owner_id)
    limit 1;
  end if;
  return v_owner_id;
end;
$function$;

alter function memoriesdb._lock_memory(uuid, uuid) owner to memoriesdb_definer;
revoke all on function memoriesdb._lock_memory(uuid, uuid) from public;
comment on function memoriesdb._lock_memory(uuid, uuid) is
'The owner of a memory, whose row is locked, or the last owner of one that was deleted; with '
'owner_id only where it is he. Null where it is not, or there never was one.';
