-- The chain of custody of a memory, oldest first.
select place, owner_id, held_from, held_until, ended_by, ended_by_login, reason, edges
from memoriesdb.custody(memory_id => %(memory_id)s::uuid);
