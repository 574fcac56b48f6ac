-- The first version from which on a memory has had the text (by its hash) that it has in the given
-- one, in the order of the arrays: a text that was encrypted for an earlier one was brought back.
select coalesce(max(v.version), 0) + 1
from unnest(
  %(memory_ids)s::uuid[], %(versions)s::integer[], %(hashes)s::bytea[]
) with ordinality as g (memory_id, version, hash, place)
left join memoriesdb.memory_versions as v
  on v.owner_id = (select memoriesdb.current_user_id()) and v.memory_id = g.memory_id
  and v.version < g.version and v.content_hash <> g.hash
group by g.place
order by g.place;
