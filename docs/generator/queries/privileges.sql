-- What each group may do with tables and views, whole or by column.
with relation as (
  select c.oid, c.relname, c.relacl
  from pg_catalog.pg_class as c
  inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
  where n.nspname = 'memoriesdb' and c.relkind in ('r', 'p', 'v') and not c.relispartition
)

select
  g.rolname::text as role, r.relname::text as relation,
  pg_catalog.lower(x.privilege_type) as privilege, null as columns
from relation as r
cross join pg_catalog.aclexplode(r.relacl) as x
inner join pg_catalog.pg_roles as g on x.grantee = g.oid
where g.rolname like 'memoriesdb\_%' and g.rolname <> 'memoriesdb_owner'
union all
select
  g.rolname, r.relname, pg_catalog.lower(x.privilege_type),
  pg_catalog.string_agg(a.attname, ', ' order by a.attnum)
from relation as r
inner join pg_catalog.pg_attribute as a on r.oid = a.attrelid
cross join pg_catalog.aclexplode(a.attacl) as x
inner join pg_catalog.pg_roles as g on x.grantee = g.oid
where g.rolname like 'memoriesdb\_%' and g.rolname <> 'memoriesdb_owner'
group by g.rolname, r.relname, x.privilege_type
order by role, relation, privilege
