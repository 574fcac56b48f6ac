create or replace function memoriesdb.unlink(
  source_id uuid, target_id uuid, relation text default null
)
returns integer
language plpgsql
volatile
parallel unsafe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_user_id uuid := memoriesdb._require_scope('write');
  v_count integer;
begin
  delete from memoriesdb.memory_edges as e
  where e.owner_id = v_user_id
    and e.source_id = unlink.source_id
    and e.target_id = unlink.target_id
    and (unlink.relation is null or e.relation = unlink.relation);
  get diagnostics v_count = row_count;
  if v_count = 0 then
    perform memoriesdb._log_refused('unlink', array[unlink.source_id, unlink.target_id]);
  end if;
  return v_count;
end;
$function$;

alter function memoriesdb.unlink(uuid, uuid, text) owner to memoriesdb_definer;
revoke all on function memoriesdb.unlink(uuid, uuid, text) from public;
grant execute on function memoriesdb.unlink(uuid, uuid, text) to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb.unlink(uuid, uuid, text) is
'Remove the edges from one of one''s own memories to another: of this relation, or all (null). '
'Returns how many there were.';
