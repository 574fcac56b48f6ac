-- A key that leads with owner_id can neither reach another owner's row nor tell that it exists. Tokens' marks of use are
-- written by login and issue_token alone.
select format('%s on %s', k.conname, k.conrelid::regclass)
from pg_constraint as k
inner join pg_class as c on k.conrelid = c.oid
inner join pg_attribute as a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
inner join pg_attribute as r on r.attrelid = k.confrelid and r.attnum = k.confkey[1]
where c.relnamespace = 'memoriesdb'::regnamespace and k.contype = 'f'
  and k.confrelid not in ('memoriesdb.users'::regclass, 'memoriesdb.embedding_models'::regclass)
  and (k.conrelid, k.confrelid) is distinct from ('memoriesdb.api_token_uses'::regclass, 'memoriesdb.api_tokens'::regclass)
  and (a.attname, r.attname) is distinct from ('owner_id', 'owner_id')
