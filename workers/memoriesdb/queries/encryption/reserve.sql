-- Ids for memories that are about to be encrypted.
select memoriesdb.reserve_memory_ids(count => %(count)s::integer);
