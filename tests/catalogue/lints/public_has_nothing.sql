-- Neither on the database (CONNECT, TEMP) nor on anything in it.
select format('%s: %s', x.what, a.privilege_type)
from (
  select format('database %s', d.datname), coalesce(d.datacl, acldefault('d', d.datdba))
  from pg_database as d
  where d.datname = current_database()
  union all
  select format('schema %s', n.nspname), n.nspacl
  from pg_namespace as n
  where n.nspname in ('memoriesdb', 'memoriesdb_system')
  union all
  select c.oid::regclass::text, c.relacl
  from pg_class as c
  where c.relnamespace in ('memoriesdb'::regnamespace, 'memoriesdb_system'::regnamespace)
  union all
  select format('%s.%s', a.attrelid::regclass, a.attname), a.attacl
  from pg_attribute as a
  inner join pg_class as c on a.attrelid = c.oid
  where c.relnamespace in ('memoriesdb'::regnamespace, 'memoriesdb_system'::regnamespace)
  union all
  select format('type %s', t.oid::regtype), coalesce(t.typacl, acldefault('T', t.typowner))
  from pg_type as t
  left join pg_class as c on t.typrelid = c.oid
  where t.typnamespace in ('memoriesdb'::regnamespace, 'memoriesdb_system'::regnamespace)
    -- Types of rows and arrays have no rights of their own.
    and (c.relkind = 'c' or t.typtype in ('e', 'd', 'r'))
) as x (what, acl)
cross join lateral aclexplode(x.acl) as a
where a.grantee = 0
