-- Functions that policies ask first because they cost nothing: a dump forgets that, and only a
-- superuser can say it.
select pg_catalog.format('%s.%s', n.nspname, p.proname) as detail
from pg_catalog.pg_proc as p
inner join pg_catalog.pg_namespace as n on p.pronamespace = n.oid
where n.nspname = 'memoriesdb' and p.proname ~ '^_gate_' and p.procost <> 0
order by detail;
