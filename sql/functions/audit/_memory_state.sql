-- Not in SQL: such a function is planned anew in each statement that calls it, which took most of
-- the time of a small write.
create or replace function memoriesdb._memory_state(memory memoriesdb.memories)
returns jsonb
language plpgsql
stable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
begin
  return jsonb_build_object(
    'owner_id', memory.owner_id, 'id', memory.id, 'seq', memory.seq, 'kind', memory.kind,
    'content', memory.content, 'content_hash', encode(memory.content_hash, 'hex'),
    'metadata', memory.metadata, 'stream', memory.stream, 'importance', memory.importance,
    'trust', memory.trust, 'trust_limit', memory.trust_limit, 'occurred_at', memory.occurred_at,
    'expires_at', memory.expires_at, 'forgotten_at', memory.forgotten_at, 'version', memory.version,
    'created_by', memory.created_by, 'created_at', memory.created_at,
    'updated_by', memory.updated_by, 'updated_at', memory.updated_at,
    'is_encrypted', memory.is_encrypted
  ) || case when memory.origin_id is null then '{}' else jsonb_build_object(
    'origin_id', memory.origin_id, 'origin_owner_id', memory.origin_owner_id,
    'origin_hash', encode(memory.origin_hash, 'hex'), 'acquired_at', memory.acquired_at
  ) end;
end;
$function$;

alter function memoriesdb._memory_state(memoriesdb.memories) owner to memoriesdb_definer;
revoke all on function memoriesdb._memory_state(memoriesdb.memories) from public;
comment on function memoriesdb._memory_state(memoriesdb.memories) is
'A memory as JSON for the audit, without the search columns. To be called with time zone UTC.';
