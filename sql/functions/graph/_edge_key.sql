create or replace function memoriesdb._edge_key(edge memoriesdb.memory_edges)
returns jsonb
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
begin
  return jsonb_build_object(
    'owner_id', edge.owner_id, 'source_id', edge.source_id, 'target_id', edge.target_id,
    'relation', edge.relation
  );
end;
$function$;

alter function memoriesdb._edge_key(memoriesdb.memory_edges) owner to memoriesdb_definer;
revoke all on function memoriesdb._edge_key(memoriesdb.memory_edges) from public;
comment on function memoriesdb._edge_key(memoriesdb.memory_edges) is
'Primary key of an edge as JSON for the audit.';
