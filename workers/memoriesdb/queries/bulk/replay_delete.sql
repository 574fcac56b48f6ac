-- Delete memories that an export has as deleted: their history stays; gives how many.
with gone as (
  delete from memoriesdb.memories as m
  where m.owner_id = (select memoriesdb.current_user_id())
    and m.id = any (%(memory_ids)s::uuid[])
  returning m.id
)

select count(*) from gone;
