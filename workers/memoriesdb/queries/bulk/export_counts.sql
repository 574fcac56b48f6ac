-- How much one has: what the head of an export says.
with memory as (
  select
    count(*) as memories,
    count(*) filter (
      where left(m.content, 8) = 'mdbenc1:'
        and (memoriesdb._ciphertext_header(m.content)).key_id is not null
    ) as encrypted
  from memoriesdb.memories as m
  where m.owner_id = (select memoriesdb.current_user_id())
),

version as (
  select
    count(*) as versions,
    count(*) filter (where v.operation = 'DELETE') as deleted,
    count(*) filter (
      where left(v.content, 8) = 'mdbenc1:'
        and (memoriesdb._ciphertext_header(v.content)).key_id is not null
    ) as encrypted
  from memoriesdb.memory_versions as v
  where v.owner_id = (select memoriesdb.current_user_id())
)

select
  u.id as owner_id, u.username, pg_catalog.to_json(pg_catalog.now()) #>> '{}' as exported_at,
  m.memories, v.deleted, v.versions,
  (
    select count(*) from memoriesdb.memory_edges as e
    where e.owner_id = (select memoriesdb.current_user_id())
  ) as edges,
  case when %(with_embeddings)s::boolean then (
    select count(*) from memoriesdb.memory_embeddings as e
    where e.owner_id = (select memoriesdb.current_user_id())
  ) else 0 end as embeddings,
  m.encrypted + v.encrypted as encrypted
from memoriesdb.users as u
cross join memory as m
cross join version as v
where u.id = (select memoriesdb.current_user_id());
