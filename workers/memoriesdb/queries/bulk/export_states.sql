-- These memories as lines of an export, in the order given: of each its former states, then what it
-- is now, then its embeddings where they are wanted.
select s.type, s.line
from unnest(%(memory_ids)s::uuid[]) with ordinality as g (id, place)
cross join lateral (
  select
    1 as part, v.version, null as model, 'version' as type,
    pg_catalog.json_build_object(
      'type', 'version', 'memory_id', v.memory_id, 'version', v.version, 'content', v.content,
      'kind', v.kind, 'metadata', v.metadata, 'stream', v.stream, 'importance', v.importance,
      'trust', v.trust, 'occurred_at', v.occurred_at, 'expires_at', v.expires_at,
      'forgotten_at', v.forgotten_at, 'created_by', v.created_by, 'created_at', v.created_at,
      'updated_by', v.updated_by, 'valid_from', v.valid_from, 'valid_until', v.valid_until,
      'operation', v.operation
    )::text as line
  from memoriesdb.memory_versions as v
  where v.owner_id = (select memoriesdb.current_user_id()) and v.memory_id = g.id
  union all
  select
    2, m.version, null, 'memory',
    pg_catalog.json_build_object(
      'type', 'memory', 'id', m.id, 'version', m.version, 'content', m.content,
      'kind', m.kind, 'metadata', m.metadata, 'stream', m.stream, 'importance', m.importance,
      'trust', m.trust, 'trust_limit', m.trust_limit, 'occurred_at', m.occurred_at,
      'expires_at', m.expires_at, 'forgotten_at', m.forgotten_at, 'is_encrypted', m.is_encrypted,
      'created_by', m.created_by, 'created_at', m.created_at, 'updated_by', m.updated_by,
      'updated_at', m.updated_at,
      'origin', case when m.origin_id is not null then pg_catalog.json_build_object(
        'id', m.origin_id, 'owner_id', m.origin_owner_id,
        'content_hash', pg_catalog.encode(m.origin_hash, 'hex'), 'acquired_at', m.acquired_at
      ) end
    )::text
  from memoriesdb.memories as m
  where m.owner_id = (select memoriesdb.current_user_id()) and m.id = g.id
  union all
  select
    3, null, o.name, 'embedding',
    pg_catalog.json_build_object(
      'type', 'embedding', 'memory_id', e.memory_id, 'model', o.name,
      'text_hash', pg_catalog.encode(e.text_hash, 'hex'),
      -- Of what the text was before nothing is found: the next one replaces it.
      'is_current', e.text_hash = m.embedding_text_hash,
      'embedding', e.embedding::real[]
    )::text
  from memoriesdb.memory_embeddings as e
  join memoriesdb.embedding_models as o on o.id = e.model_id
  join memoriesdb.memories as m on m.owner_id = e.owner_id and m.id = e.memory_id
  where %(with_embeddings)s::boolean
    and e.owner_id = (select memoriesdb.current_user_id()) and e.memory_id = g.id
) as s
order by g.place, s.part, s.version, s.model;
