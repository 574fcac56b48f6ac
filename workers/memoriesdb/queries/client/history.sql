-- Every state of one of one's own memories, oldest first.
select
  %(memory_id)s::uuid as memory_id, version, valid_from, valid_until, operation, kind, content,
  content_hash, metadata, stream, importance, trust, occurred_at, expires_at, forgotten_at,
  updated_by
from memoriesdb.history(memory_id => %(memory_id)s::uuid);
