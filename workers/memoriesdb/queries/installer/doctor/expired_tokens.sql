-- Tokens that have expired and that nobody has revoked: only the server's clock keeps them out.
select pg_catalog.count(*) || ' of ' || u.username as detail
from memoriesdb.api_tokens as t
inner join memoriesdb.users as u on t.user_id = u.id
where t.revoked_at is null and t.expires_at <= pg_catalog.statement_timestamp()
group by u.username
order by u.username;
