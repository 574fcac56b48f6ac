-- The body of every function of MemoriesDB as the server has it.
select pg_catalog.format('%s.%s', n.nspname, p.proname) as name, p.prosrc as body
from pg_catalog.pg_proc as p
inner join pg_catalog.pg_namespace as n on p.pronamespace = n.oid
where n.nspname in ('memoriesdb', 'memoriesdb_system');
