-- Where this login may create objects, although it should not.
select pg_catalog.format('schema %s', n.nspname) as detail
from pg_catalog.pg_namespace as n
where n.nspname in ('memoriesdb', 'memoriesdb_system')
  and pg_catalog.has_schema_privilege(session_user, n.oid, 'CREATE')
union all
select pg_catalog.format('database %s', d.datname)
from pg_catalog.pg_database as d
where d.datname = pg_catalog.current_database()
  and pg_catalog.has_database_privilege(session_user, d.oid, 'CREATE')
order by detail;
