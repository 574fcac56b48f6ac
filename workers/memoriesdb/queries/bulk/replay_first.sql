-- Keep the first states of memories, as an export has them; gives their ids in the order given.
with kept as (
  insert into memoriesdb.memories as m (
    kind, content, metadata, stream, importance, trust, trust_limit, occurred_at, expires_at,
    is_encrypted
  )
  select
    s.kind, g.content, s.metadata, s.stream, s.importance, s.trust, coalesce(s.trust_limit, 1),
    s.occurred_at, s.expires_at, g.is_encrypted
  from unnest(
    %(states)s::jsonb[], %(contents)s::text[], %(encrypted)s::boolean[]
  ) with ordinality as g (state, content, is_encrypted, place)
  cross join lateral jsonb_to_record(g.state) as s (
    kind text, metadata jsonb, stream text, importance real, trust real, trust_limit real,
    occurred_at timestamptz, expires_at timestamptz
  )
  order by g.place
  returning m.id, m.seq
)

select k.id from kept as k order by k.seq;
