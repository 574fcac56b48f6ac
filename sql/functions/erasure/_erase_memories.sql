create or replace function memoriesdb._erase_memories(owner_id uuid, memory_ids uuid[])
returns jsonb
language plpgsql
volatile
parallel unsafe
security definer -- nobody but the eraser removes history
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_audit_ids bigint[] := memoriesdb._audit_ids_about(owner_id, memory_ids);
  v_facts jsonb := memoriesdb._erasure_facts(owner_id, memory_ids, v_audit_ids);
  v_counts jsonb := jsonb_build_object();
  v_memories bigint;
  v_count bigint;
  v_erased int8multirange;
begin
  delete from memoriesdb.memory_embeddings as e
  where e.owner_id = _erase_memories.owner_id and e.memory_id = any (memory_ids);
  get diagnostics v_count = row_count;
  v_counts := v_counts || jsonb_build_object('memory_embeddings', v_count);
  delete from memoriesdb.memory_edges as e
  where e.owner_id = _erase_memories.owner_id
    and (e.source_id = any (memory_ids) or e.target_id = any (memory_ids));
  get diagnostics v_count = row_count;
  v_counts := v_counts || jsonb_build_object('memory_edges', v_count);
  delete from memoriesdb.memory_grants as g
  where g.owner_id = _erase_memories.owner_id and g.memory_id = any (memory_ids);
  get diagnostics v_count = row_count;
  v_counts := v_counts || jsonb_build_object('memory_grants', v_count);
  delete from memoriesdb.embedding_schedule as j
  where j.owner_id = _erase_memories.owner_id and j.memory_id = any (memory_ids);
  get diagnostics v_count = row_count;
  v_counts := v_counts || jsonb_build_object('embedding_schedule', v_count);
  delete from memoriesdb.memories as m
  where m.owner_id = _erase_memories.owner_id and m.id = any (memory_ids);
  get diagnostics v_memories = row_count;
  v_counts := v_counts || jsonb_build_object('memories', v_memories);
  -- The state that the DELETE has just kept is not counted.
  delete from memoriesdb.memory_versions as v
  where v.owner_id = _erase_memories.owner_id and v.memory_id = any (memory_ids);
  get diagnostics v_count = row_count;
  v_counts := v_counts || jsonb_build_object('memory_versions', v_count - v_memories);
  -- Words that many had; they are counted anew.
  delete from memoriesdb.frequent_terms as f where f.owner_id = _erase_memories.owner_id;
  get diagnostics v_count = row_count;
  v_counts := v_counts || jsonb_build_object('frequent_terms', v_count);
  delete from memoriesdb.query_embeddings as q where q.owner_id = _erase_memories.owner_id;
  get diagnostics v_count = row_count;
  v_counts := v_counts || jsonb_build_object('query_embeddings', v_count);
  -- Again, for the entries of what this function has deleted, and of writers it has waited for.
  v_erased := memoriesdb._erase_payloads(memoriesdb._audit_ids_about(owner_id, memory_ids));
  v_counts := v_counts || jsonb_build_object('audit_payloads', (
    select coalesce(sum(upper(r) - lower(r)), 0) from unnest(v_erased) as r
  ));
  return v_facts || jsonb_build_object('counts', v_counts, 'audit_ids', v_erased);
end;
$function$;

alter function memoriesdb._erase_memories(uuid, uuid[]) owner to memoriesdb_eraser;
revoke all on function memoriesdb._erase_memories(uuid, uuid[]) from public;
grant execute on function memoriesdb._erase_memories(uuid, uuid[]) to memoriesdb_definer;
comment on function memoriesdb._erase_memories(uuid, uuid[]) is
'Erase memories of one owner, present and past, whose rows the caller has locked. Returns what the '
'receipt says of them.';
