-- How many of these memories of one's own were made in this transaction.
select count(*)
from memoriesdb.memories as m
where m.owner_id = (select memoriesdb.current_user_id())
  and m.id = any (%(memory_ids)s::uuid[])
  and m.created_at >= pg_catalog.now();
