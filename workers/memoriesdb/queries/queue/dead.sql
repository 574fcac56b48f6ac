-- Dead letters, the latest first.
select
  job_id, owner_id, memory_id, model, priority, attempts, enqueued_at, dead_at, dropped_at,
  last_error, is_queued, is_embedded
from memoriesdb.dead_letters(most => %(most)s::integer, with_dropped => %(dropped)s::boolean);
