-- Make a token for the user of a name, and give it; no row where nobody has the name.
select memoriesdb.issue_token(
  u.id, %(ttl)s::interval, %(scopes)s::text[], %(label)s::text
)
from memoriesdb.users as u
where u.username = %(username)s::text;
