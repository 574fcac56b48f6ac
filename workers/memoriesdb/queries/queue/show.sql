-- One dead letter; no row where no job of this number was given up.
select
  job_id, owner_id, memory_id, model, priority, attempts, enqueued_at, dead_at, dropped_at,
  last_error, is_queued, is_embedded
from memoriesdb.dead_letters(%(job_id)s::bigint);
