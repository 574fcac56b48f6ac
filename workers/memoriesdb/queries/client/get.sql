-- A memory of one's own or one that was shared: row-level security decides.
select
  id, owner_id, seq, kind, content, content_hash, metadata, stream, importance, trust, occurred_at,
  expires_at, forgotten_at, version, created_by, created_at, updated_by, updated_at
from memoriesdb.memories
where id = %(memory_id)s::uuid;
