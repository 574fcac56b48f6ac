-- Give each of these memories its next state, as an export has it; gives how many have got it.
with written as (
  update memoriesdb.memories as m
  set kind = s.kind, content = g.content, metadata = s.metadata, stream = s.stream,
    importance = s.importance, trust = s.trust,
    trust_limit = coalesce(s.trust_limit, m.trust_limit),
    occurred_at = s.occurred_at, expires_at = s.expires_at, forgotten_at = s.forgotten_at,
    is_encrypted = g.is_encrypted
  from unnest(
    %(memory_ids)s::uuid[], %(states)s::jsonb[], %(contents)s::text[], %(encrypted)s::boolean[]
  ) as g (memory_id, state, content, is_encrypted)
  cross join lateral jsonb_to_record(g.state) as s (
    kind text, metadata jsonb, stream text, importance real, trust real, trust_limit real,
    occurred_at timestamptz, expires_at timestamptz, forgotten_at timestamptz
  )
  where m.owner_id = (select memoriesdb.current_user_id()) and m.id = g.memory_id
  returning m.id
)

select count(*) from written;
