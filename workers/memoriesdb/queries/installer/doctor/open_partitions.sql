-- Partitions of the audit, attached and detached ones, on which others than the owner have a right,
-- or that have a policy beside the system's.
with partition as (
  select c.oid, c.relname, c.relowner, c.relacl
  from pg_catalog.pg_class as c
  inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
  where n.nspname = 'memoriesdb' and c.relkind = 'r'
    and c.relname ~ '^audit_(log|payloads)_(\d{6,}|default)$'
)

select pg_catalog.format(
  '%s: %s for %s', p.relname, x.privilege_type,
  case x.grantee when 0 then 'everybody' else pg_catalog.pg_get_userbyid(x.grantee) end
) as detail
from partition as p
cross join lateral pg_catalog.aclexplode(p.relacl) as x
where x.grantee <> p.relowner
union all
select pg_catalog.format(
  '%s.%s: %s for %s', p.relname, a.attname, x.privilege_type,
  case x.grantee when 0 then 'everybody' else pg_catalog.pg_get_userbyid(x.grantee) end
)
from partition as p
inner join pg_catalog.pg_attribute as a on p.oid = a.attrelid
cross join lateral pg_catalog.aclexplode(a.attacl) as x
where x.grantee <> p.relowner
union all
select pg_catalog.format('%s: policy %s', p.relname, l.polname)
from partition as p
inner join pg_catalog.pg_policy as l on p.oid = l.polrelid
where l.polname <> p.relname || '_all_system'
order by detail;
