-- Every table has first a policy for the system's own roles: without it the owner does nothing, silently.
select format('table %s', c.oid::regclass)
from pg_class as c
where c.relnamespace = 'memoriesdb'::regnamespace and c.relkind in ('r', 'p')
  and not exists (
    select from pg_policies as p
    where p.schemaname = 'memoriesdb' and p.tablename = c.relname
      and p.policyname = c.relname || '_all_system'
      and p.roles @> '{memoriesdb_owner,memoriesdb_definer}' and cardinality(p.roles) = 2
      and p.cmd = 'ALL' and p.permissive = 'PERMISSIVE' and p.qual = 'true' and p.with_check = 'true'
  )
