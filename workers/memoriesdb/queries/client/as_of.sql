-- One's own memories as they were at a time.
select
  memory_id, version, valid_from, valid_until, null as operation, kind, content, content_hash,
  metadata, stream, importance, trust, occurred_at, expires_at, forgotten_at, updated_by
from memoriesdb.as_of(at => %(at)s::timestamptz);
