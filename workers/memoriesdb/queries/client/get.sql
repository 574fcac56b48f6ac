-- A memory of one's own or one that was shared: row-level security decides.
select
  id, owner_id, seq, kind, content, content_hash, metadata, stream, importance, trust, trust_limit,
  occurred_at, expires_at, forgotten_at, version, created_by, created_at, updated_by, updated_at,
  origin_id, origin_owner_id, origin_hash, acquired_at, is_encrypted
from memoriesdb.memories
where id = %(memory_id)s::uuid;
