-- Let a token open no session any more; gives whether it did.
select memoriesdb.revoke_token(token_id => %(token_id)s::uuid);
