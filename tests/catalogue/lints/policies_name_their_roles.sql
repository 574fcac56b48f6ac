-- A policy without a role is one for PUBLIC.
select format('policy %s', p.policyname)
from pg_policies as p
where p.schemaname = 'memoriesdb' and 'public' = any (p.roles)
