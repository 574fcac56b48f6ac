-- Revoke a token; no row where there is none of this id.
select memoriesdb.revoke_token(t.id)
from memoriesdb.api_tokens as t
where t.id = %(token_id)s::uuid;
