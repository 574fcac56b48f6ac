-- Change those columns of a memory that are keys of a JSON object; gives its new state, or no row
-- where there is no such memory to write. One statement for any choice of columns: a column that
-- is not named keeps its value, and a long text is not written again.
with changed as (
  update memoriesdb.memories as m
  set
    content = case when c.keys ? 'content' then c.keys ->> 'content' else m.content end,
    kind = case when c.keys ? 'kind' then c.keys ->> 'kind' else m.kind end,
    metadata = case when c.keys ? 'metadata' then c.keys -> 'metadata' else m.metadata end,
    stream = case when c.keys ? 'stream' then c.keys ->> 'stream' else m.stream end,
    importance = case
      when c.keys ? 'importance' then (c.keys ->> 'importance')::real else m.importance
    end,
    trust = case when c.keys ? 'trust' then (c.keys ->> 'trust')::real else m.trust end,
    occurred_at = case
      when c.keys ? 'occurred_at' then (c.keys ->> 'occurred_at')::timestamptz else m.occurred_at
    end,
    expires_at = case
      when c.keys ? 'expires_at' then (c.keys ->> 'expires_at')::timestamptz else m.expires_at
    end,
    is_encrypted = case
      when c.keys ? 'is_encrypted' then (c.keys ->> 'is_encrypted')::boolean else m.is_encrypted
    end
  from (select %(changes)s::jsonb as keys) as c
  where m.id = %(memory_id)s::uuid and (select memoriesdb._require_scope('write')) is not null
  returning m.*
)

select
  id, owner_id, seq, kind, content, content_hash, metadata, stream, importance, trust, trust_limit,
  occurred_at, expires_at, forgotten_at, version, created_by, created_at, updated_by, updated_at,
  origin_id, origin_owner_id, origin_hash, acquired_at, is_encrypted
from changed;
