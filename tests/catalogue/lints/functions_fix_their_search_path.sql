-- Whatever the caller has set: nothing is looked up in a schema where somebody may create objects. (An alias of a
-- built-in function looks nothing up.)
select format('function %s', f.oid::regprocedure)
from pg_proc as f
where f.pronamespace in ('memoriesdb'::regnamespace, 'memoriesdb_system'::regnamespace)
  and f.prolang <> (select l.oid from pg_language as l where l.lanname = 'internal')
  and not coalesce(f.proconfig @> array['search_path=pg_catalog, pg_temp'], false)
