-- The chain of custody of a memory, oldest first.
select
  place, owner_id, held_from, held_until, ended_by, ended_by_login, reason, edges, origin_id,
  origin_owner_id, origin_hash, acquired_at
from memoriesdb.custody(memory_id => %(memory_id)s::uuid);
