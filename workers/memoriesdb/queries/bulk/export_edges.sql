-- One's edges as lines of an export, the oldest first.
select 'edge' as type, pg_catalog.json_build_object(
  'type', 'edge', 'source_id', e.source_id, 'target_id', e.target_id, 'relation', e.relation,
  'weight', e.weight, 'metadata', e.metadata, 'created_by', e.created_by,
  'created_at', e.created_at, 'updated_at', e.updated_at
)::text as line
from memoriesdb.memory_edges as e
where e.owner_id = (select memoriesdb.current_user_id())
order by e.created_at, e.source_id, e.target_id, e.relation;
