-- Tables and views with their comments; partitions and slices are parts of other ones.
select
  n.nspname as schema,
  c.relname as name,
  case c.relkind when 'v' then 'view' else 'table' end as kind,
  pg_catalog.obj_description(c.oid, 'pg_class') as comment,
  c.relrowsecurity and c.relforcerowsecurity as is_forced,
  c.relkind = 'p' as is_partitioned,
  c.relpersistence = 'u' as is_unlogged
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
where n.nspname in ('memoriesdb', 'memoriesdb_system') and c.relkind in ('r', 'p', 'v')
  and not c.relispartition
order by n.nspname, c.relname
