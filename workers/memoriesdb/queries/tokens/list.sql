-- All tokens, or those of one user, newest first.
select
  t.id, u.username, t.scopes, t.label, t.issued_at, t.expires_at, t.revoked_at, x.last_used_at,
  case
    when t.revoked_at is not null then 'revoked'
    when t.expires_at <= clock_timestamp() then 'expired'
    when not u.is_active then 'inactive'
    else 'valid'
  end as state
from memoriesdb.api_tokens as t
inner join memoriesdb.users as u on t.user_id = u.id
left join memoriesdb.api_token_uses as x on t.id = x.token_id
where %(username)s::text is null or u.username = %(username)s::text
order by t.issued_at desc, t.id desc;
