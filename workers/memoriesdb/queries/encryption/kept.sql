-- One's own memories as they are now, each with the first version that has this text: in one
-- snapshot, so that they fit together.
select
  m.id as memory_id, m.version, m.content,
  (
    select coalesce(max(v.version), 0) + 1
    from memoriesdb.memory_versions as v
    where v.owner_id = m.owner_id and v.memory_id = m.id and v.content_hash <> m.content_hash
  ) as first_version
from memoriesdb.memories as m
where m.owner_id = (select memoriesdb.current_user_id()) and m.id = any(%(memory_ids)s::uuid[]);
