-- Objects of MemoriesDB that belong to this login: an owner can change and drop them.
select pg_catalog.format('schema %s', n.nspname) as detail
from pg_catalog.pg_namespace as n
where n.nspname in ('memoriesdb', 'memoriesdb_system')
  and pg_catalog.pg_get_userbyid(n.nspowner) = session_user
union all
select pg_catalog.format('%s.%s', n.nspname, c.relname)
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
where n.nspname in ('memoriesdb', 'memoriesdb_system')
  and c.relkind not in ('i', 'I')
  and pg_catalog.pg_get_userbyid(c.relowner) = session_user
union all
select pg_catalog.format('function %s.%s', n.nspname, p.proname)
from pg_catalog.pg_proc as p
inner join pg_catalog.pg_namespace as n on p.pronamespace = n.oid
where n.nspname in ('memoriesdb', 'memoriesdb_system')
  and pg_catalog.pg_get_userbyid(p.proowner) = session_user
union all
select pg_catalog.format('database %s', d.datname)
from pg_catalog.pg_database as d
where d.datname = pg_catalog.current_database()
  and pg_catalog.pg_get_userbyid(d.datdba) = session_user
order by detail;
