-- Who owns a table may switch its security off.
select format('%s of %s', c.oid::regclass, c.relowner::regrole)
from pg_class as c
inner join pg_roles as o on c.relowner = o.oid
where (c.relnamespace = 'memoriesdb'::regnamespace and o.rolname <> 'memoriesdb_owner')
  or (c.relnamespace = 'memoriesdb_system'::regnamespace and not o.rolsuper)
