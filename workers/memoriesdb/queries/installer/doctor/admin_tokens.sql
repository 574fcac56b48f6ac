-- Tokens with which an admin's work can be done.
select pg_catalog.format(
  '%s of %s until %s', coalesce(t.label, t.id::text), u.username,
  pg_catalog.date_trunc('day', t.expires_at)::date
) as detail
from memoriesdb.api_tokens as t
inner join memoriesdb.users as u on t.user_id = u.id
where 'admin' = any(t.scopes) and t.revoked_at is null and u.is_active
  and t.expires_at > pg_catalog.statement_timestamp()
order by detail;
