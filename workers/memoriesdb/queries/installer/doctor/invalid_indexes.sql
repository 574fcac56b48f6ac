-- Indexes that a failed CREATE INDEX CONCURRENTLY has left: written with every row, used by nobody.
select x.relname::text as detail
from pg_catalog.pg_index as i
inner join pg_catalog.pg_class as x on i.indexrelid = x.oid
inner join pg_catalog.pg_namespace as n on x.relnamespace = n.oid
where n.nspname = 'memoriesdb' and not i.indisvalid
order by x.relname;
