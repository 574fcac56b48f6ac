-- Functions whose search_path is not fixed: who makes a table of the same name is read instead.
select pg_catalog.format('%s.%s', n.nspname, p.proname) as detail
from pg_catalog.pg_proc as p
inner join pg_catalog.pg_namespace as n on p.pronamespace = n.oid
where n.nspname in ('memoriesdb', 'memoriesdb_system')
  and not coalesce('search_path=pg_catalog, pg_temp' = any(p.proconfig), false)
order by detail;
