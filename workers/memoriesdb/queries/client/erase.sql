-- Erase a memory with its history; the receipt.
select memoriesdb.erase(memory_id => %(memory_id)s::uuid);
