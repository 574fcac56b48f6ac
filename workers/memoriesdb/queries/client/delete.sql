-- Delete one of one's own memories; gives whether there was one.
with gone as (
  delete from memoriesdb.memories
  where owner_id = (select memoriesdb._require_scope('write')) and id = %(memory_id)s::uuid
  returning id
)

select exists (select from gone);
