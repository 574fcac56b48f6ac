-- Owned by memoriesdb_owner: REFRESH is for the owner of a materialized view.
create or replace function memoriesdb._refresh_graph_slice(slice smallint)
returns void
language plpgsql
volatile
parallel unsafe
security definer -- refreshes what belongs to memoriesdb_owner
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_view name := format('_memory_graph_%s', lpad(slice::text, 2, '0'))::name;
begin
  -- After a restore the slices are not populated, and CONCURRENTLY refuses those.
  if (
    select c.relispopulated from pg_catalog.pg_class as c
    where c.oid = format('memoriesdb.%I', v_view)::regclass
  ) then
    execute format('refresh materialized view concurrently memoriesdb.%I', v_view);
  else
    execute format('refresh materialized view memoriesdb.%I', v_view);
  end if;
end;
$function$;

alter function memoriesdb._refresh_graph_slice(smallint) owner to memoriesdb_owner;
revoke all on function memoriesdb._refresh_graph_slice(smallint) from public;
grant execute on function memoriesdb._refresh_graph_slice(smallint) to memoriesdb_definer;
comment on function memoriesdb._refresh_graph_slice(smallint) is
'Refresh one slice of memory_graph (0 to 15), concurrently where it is populated.';
