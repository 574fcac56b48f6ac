-- The extensions of this database and the schemas that they live in.
select e.extname as name, n.nspname as schema, e.extversion as version
from pg_catalog.pg_extension as e
inner join pg_catalog.pg_namespace as n on e.extnamespace = n.oid
order by e.extname;
