-- Row-level security is enabled and forced on every table, partitions too.
select format('table %s', c.oid::regclass)
from pg_class as c
where c.relnamespace = 'memoriesdb'::regnamespace and c.relkind in ('r', 'p')
  and not (c.relrowsecurity and c.relforcerowsecurity)
