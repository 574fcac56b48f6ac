create or replace function memoriesdb.request_graph_refresh()
returns void
language plpgsql
volatile
parallel unsafe
security definer -- admins have no rights on the queue's rows
set search_path = pg_catalog, pg_temp
as $function$
begin
  perform memoriesdb._request_refresh(array(select s::smallint from generate_series(0, 15) as s));
end;
$function$;

alter function memoriesdb.request_graph_refresh() owner to memoriesdb_definer;
revoke all on function memoriesdb.request_graph_refresh() from public;
grant execute on function memoriesdb.request_graph_refresh() to memoriesdb_admin;
comment on function memoriesdb.request_graph_refresh() is
'Ask for a refresh of all of memory_graph, for example after a restore (memoriesdb_admin).';
