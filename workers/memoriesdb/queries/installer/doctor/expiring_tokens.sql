-- Tokens that were used in the last week and end within the next one. Not those that were meant to
-- be short: who issues tokens for hours issues the next one anyway.
select pg_catalog.format(
  '%s of %s: %s', coalesce(t.label, t.id::text), u.username,
  pg_catalog.date_trunc('second', t.expires_at)
) as detail
from memoriesdb.api_tokens as t
inner join memoriesdb.users as u on t.user_id = u.id
inner join memoriesdb.api_token_uses as x on t.id = x.token_id
where t.revoked_at is null and u.is_active
  and t.expires_at > pg_catalog.statement_timestamp()
  and t.expires_at < pg_catalog.statement_timestamp() + interval '7 days'
  and t.expires_at - t.issued_at >= interval '14 days'
  and x.last_used_at > pg_catalog.statement_timestamp() - interval '7 days'
order by t.expires_at;
