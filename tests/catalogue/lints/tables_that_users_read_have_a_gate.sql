-- A user's own condition that costs no more than a policy would be tried first, on everybody's rows, and EXPLAIN
-- would tell. A restrictive policy of no cost comes before (see _gate_equal). What asks about no column is asked
-- once, before any row.
select format('table %s', p.tablename)
from pg_policies as p
where p.schemaname = 'memoriesdb' and p.roles && '{memoriesdb_app,memoriesdb_client}'
  and p.cmd in ('SELECT', 'ALL') and p.permissive = 'PERMISSIVE'
group by p.tablename
having bool_or(p.qual <> 'true' and p.qual !~ '^\(\( SELECT [a-z_.]+\([^()]*\) AS [a-z_]+\) IS NOT NULL\)$')
  and not exists (
    select from pg_policies as g
    where g.schemaname = 'memoriesdb' and g.tablename = p.tablename and g.permissive = 'RESTRICTIVE'
      and g.cmd = 'ALL' and g.roles @> '{memoriesdb_app,memoriesdb_client}' and g.qual ~ '_gate_'
  )
union all
select format('function %s', p.oid::regprocedure)
from pg_proc as p
where p.pronamespace = 'memoriesdb'::regnamespace and p.proname ~ '^_gate_' and p.procost <> 0
