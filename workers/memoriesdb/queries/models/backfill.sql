-- Queue what lacks a vector among the next memories after one; gives the last of them.
select b.owner_id, b.memory_id, b.seen, b.queued
from memoriesdb.queue_backfill(
  name => %(name)s::text,
  batch => %(batch)s::integer,
  after_owner_id => %(owner_id)s::uuid,
  after_memory_id => %(memory_id)s::uuid
) as b;
