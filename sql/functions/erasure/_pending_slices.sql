create or replace function memoriesdb._pending_slices(owner_id uuid, memory_ids uuid[])
returns jsonb
language sql
volatile
parallel unsafe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
  with place as (
    select memoriesdb._graph_slice(_pending_slices.owner_id) as slice
    union
    -- Links go when a memory is given away, and the giver's slice shows them until its refresh.
    select memoriesdb._graph_slice(a.owner_id)
    from memoriesdb.audit_log as a
    where uuid_send(a.row_id) = any (array(select uuid_send(i) from unnest(memory_ids) as i))
      and a.table_name = 'memories' and a.operation in ('DELETE', 'TRANSFER')
  )

  select coalesce(
    jsonb_agg(format('_memory_graph_%s', lpad(p.slice::text, 2, '0')) order by p.slice), '[]'
  )
  from place as p
  where exists (select from memoriesdb.vindexing_schedule as v where v.slice = p.slice);
$function$;

alter function memoriesdb._pending_slices(uuid, uuid[]) owner to memoriesdb_definer;
revoke all on function memoriesdb._pending_slices(uuid, uuid[]) from public;
comment on function memoriesdb._pending_slices(uuid, uuid[]) is
'Slices of memory_graph of all who have had these memories, and for which a refresh waits: until '
'then they may name what was erased.';
