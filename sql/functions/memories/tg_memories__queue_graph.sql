create or replace function memoriesdb.tg_memories__queue_graph()
returns trigger
language plpgsql
volatile
parallel unsafe
security definer -- nobody but the definer writes vindexing_schedule
set search_path = pg_catalog, pg_temp
as $function$
begin
  -- What memory_graph shows of a memory; rows that come and go do so with their edges.
  perform memoriesdb._request_refresh(array(
    select distinct memoriesdb._graph_slice(n.owner_id)
    from new_rows as n
    join old_rows as o on o.id = n.id
    where (n.kind, n.forgotten_at) is distinct from (o.kind, o.forgotten_at)
      and exists (
        select from memoriesdb.memory_edges as e
        where e.owner_id = n.owner_id and n.id in (e.source_id, e.target_id)
      )
  ));
  return null;
end;
$function$;

alter function memoriesdb.tg_memories__queue_graph() owner to memoriesdb_definer;
revoke all on function memoriesdb.tg_memories__queue_graph() from public;
comment on function memoriesdb.tg_memories__queue_graph() is
'Asks for a refresh of the slices whose linked memories changed their kind or were forgotten or '
'restored.';
