-- The next of one's own memories, by id, that are not encrypted with this key: encrypted ones, or
-- also those in plain text.
select
  m.id as memory_id, m.version, m.content,
  (
    select coalesce(max(v.version), 0) + 1
    from memoriesdb.memory_versions as v
    where v.owner_id = m.owner_id and v.memory_id = m.id and v.content_hash <> m.content_hash
  ) as first_version
from memoriesdb.memories as m
where m.owner_id = (select memoriesdb.current_user_id())
  and m.id > %(after)s::uuid
  and case
    when m.is_encrypted then m.content like 'mdbenc1:%%'
      and m.content not like 'mdbenc1:' || %(key_id)s::integer || ':%%'
    else %(with_plain)s::boolean
  end
order by m.id
limit %(batch)s::integer;
