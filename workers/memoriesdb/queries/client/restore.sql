-- Undo forget(); gives whether there was something to restore.
select memoriesdb.restore(memory_id => %(memory_id)s::uuid);
