-- Two policies are one OR, which costs more than a user's own condition: that would be tried first, on everybody's
-- rows, and EXPLAIN would tell. A restrictive policy of next to no cost comes before (see _gate_equal).
select format('table %s', p.tablename)
from pg_policies as p
where p.schemaname = 'memoriesdb' and p.roles && '{memoriesdb_app,memoriesdb_client}' and p.qual <> 'true'
  and p.cmd in ('SELECT', 'ALL') and p.permissive = 'PERMISSIVE'
group by p.tablename
having count(*) > 1 and not exists (
  select from pg_policies as g
  where g.schemaname = 'memoriesdb' and g.tablename = p.tablename and g.permissive = 'RESTRICTIVE'
    and g.cmd = 'ALL' and g.roles @> '{memoriesdb_app,memoriesdb_client}' and g.qual ~ '_gate_'
)
