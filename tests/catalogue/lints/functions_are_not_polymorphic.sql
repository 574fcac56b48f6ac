-- A definer function that takes any type would call the caller's own operators and casts.
select format('function %s', f.oid::regprocedure)
from pg_proc as f
where f.pronamespace in ('memoriesdb'::regnamespace, 'memoriesdb_system'::regnamespace)
  and exists (
    select from unnest(f.proargtypes) as t (type)
    inner join pg_type as y on y.oid = t.type
    where y.typtype = 'p' or y.typcategory = 'P'
  )
