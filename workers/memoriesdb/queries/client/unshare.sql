-- End a grant on one of one's own memories; gives whether there was one.
select memoriesdb.unshare(memory_id => %(memory_id)s::uuid, grantee_id => %(grantee_id)s::uuid);
