-- Recall one of one's own memories no more; gives whether there was something to forget.
select memoriesdb.forget(memory_id => %(memory_id)s::uuid);
