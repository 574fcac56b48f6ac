-- <table>_<rule in words>, none of those that PostgreSQL makes up; partitions have their table's.
select format('constraint %s on %s', k.conname, c.relname)
from pg_constraint as k
inner join pg_class as c on k.conrelid = c.oid
where c.relnamespace = 'memoriesdb'::regnamespace and not c.relispartition and k.contype <> 'n'
  and (k.conname !~ ('^' || c.relname || '_[a-z0-9_]+$') or k.conname ~ '_(check|fkey|key)[0-9]*$')
