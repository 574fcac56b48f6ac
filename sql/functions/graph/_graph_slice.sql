create or replace function memoriesdb._graph_slice(owner_id uuid)
returns smallint
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
  select (get_byte(uuid_send(owner_id), 15) % 16)::smallint;
$function$;

alter function memoriesdb._graph_slice(uuid) owner to memoriesdb_definer;
revoke all on function memoriesdb._graph_slice(uuid) from public;
grant execute on function memoriesdb._graph_slice(uuid)
to memoriesdb_owner, memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._graph_slice(uuid) is
'Slice of memory_graph, 0 to 15, in which an owner''s edges are: the last byte of the id, which '
'is random, modulo 16.';
