-- With two of one name, the types that a caller gives decide which one runs.
select format('function %s', f.proname)
from pg_proc as f
where f.pronamespace in ('memoriesdb'::regnamespace, 'memoriesdb_system'::regnamespace)
group by f.proname
having count(*) > 1
