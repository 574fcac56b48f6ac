-- Some of one's own memories, the same ones for the same seed, to be sought by their own words.
select m.id as memory_id, m.content
from memoriesdb.memories as m
where
  m.owner_id = memoriesdb.current_user_id() and not m.is_encrypted and m.forgotten_at is null
  and (m.expires_at is null or m.expires_at > pg_catalog.statement_timestamp())
order by pg_catalog.md5(m.id::text || %(seed)s::text)
limit %(count)s::bigint;
