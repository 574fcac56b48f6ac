-- Functions whose search_path is not fixed: who makes a table of the same name is read instead.
-- Those that are compiled into the server look no name up.
select pg_catalog.format('%s.%s', n.nspname, p.proname) as detail
from pg_catalog.pg_proc as p
inner join pg_catalog.pg_namespace as n on p.pronamespace = n.oid
inner join pg_catalog.pg_language as l on p.prolang = l.oid
where n.nspname in ('memoriesdb', 'memoriesdb_system')
  and l.lanname <> 'internal'
  and not coalesce('search_path=pg_catalog, pg_temp' = any(p.proconfig), false)
order by detail;
