-- How far all models are, or the one of a name.
select
  s.model, s.is_active, s.is_enabled, s.memories, s.ready, s.stale, s.missing, s.queued, s.dead,
  s.unqueued, s.encrypted_missing, s.indexes_ready, s.indexes_missing, s.next_step
from memoriesdb.embedding_model_status(name => %(name)s::text) as s;
