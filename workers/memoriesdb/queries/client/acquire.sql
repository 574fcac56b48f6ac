-- Copy a memory that is shared with this user into his own; the copy's id.
select memoriesdb.acquire(memory_id => %(memory_id)s::uuid);
