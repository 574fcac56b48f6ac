-- <what>_at for times (and at, valid_from, valid_until), is_<adjective> for booleans, nothing in capitals.
select format('column %s.%s %s', c.relname, a.attname, a.atttypid::regtype)
from pg_attribute as a
inner join pg_class as c on a.attrelid = c.oid
where c.relnamespace = 'memoriesdb'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
  and a.attnum > 0 and not a.attisdropped
  and (
    a.attname !~ '^[a-z][a-z0-9_]*$'
    or (a.atttypid = 'timestamptz'::regtype) <> (a.attname ~ '_at$' or a.attname in ('at', 'valid_from', 'valid_until'))
    or (a.atttypid = 'bool'::regtype) <> (a.attname ~ '^is_')
    or a.atttypid = 'timestamp'::regtype
  )
