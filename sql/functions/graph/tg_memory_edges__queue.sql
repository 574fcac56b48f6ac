create or replace function memoriesdb.tg_memory_edges__queue()
returns trigger
language plpgsql
volatile
parallel unsafe
security definer -- nobody but the definer writes vindexing_schedule
set search_path = pg_catalog, pg_temp
as $function$
begin
  if tg_op = 'DELETE' then
    perform memoriesdb._request_refresh(
      array(select distinct memoriesdb._graph_slice(o.owner_id) from old_rows as o)
    );
  else
    perform memoriesdb._request_refresh(
      array(select distinct memoriesdb._graph_slice(n.owner_id) from new_rows as n)
    );
  end if;
  return null;
end;
$function$;

alter function memoriesdb.tg_memory_edges__queue() owner to memoriesdb_definer;
revoke all on function memoriesdb.tg_memory_edges__queue() from public;
comment on function memoriesdb.tg_memory_edges__queue() is
'Asks for a refresh of the slices of memory_graph whose edges changed.';
