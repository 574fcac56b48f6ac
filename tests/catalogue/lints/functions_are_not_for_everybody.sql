-- EXECUTE is PUBLIC's by default: it is revoked, and granted by name.
select format('function %s', f.oid::regprocedure)
from pg_proc as f
where f.pronamespace in ('memoriesdb'::regnamespace, 'memoriesdb_system'::regnamespace)
  and exists (
    select from aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) as a where a.grantee = 0
  )
