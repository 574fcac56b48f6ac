-- The reference is generated from them.
select x.what
from (
  select format('schema %s', n.nspname), n.oid, 'pg_namespace', 0
  from pg_namespace as n
  where n.nspname ~ '^memoriesdb'
  union all
  select format('relation %s', c.oid::regclass), c.oid, 'pg_class', 0
  from pg_class as c
  where c.relnamespace::regnamespace::text ~ '^memoriesdb' and c.relkind in ('r', 'p', 'v', 'm', 'S')
  union all
  select format('column %s.%s', c.oid::regclass, a.attname), c.oid, 'pg_class', a.attnum
  from pg_attribute as a
  inner join pg_class as c on a.attrelid = c.oid
  where c.relnamespace::regnamespace::text ~ '^memoriesdb' and c.relkind in ('r', 'p', 'v')
    -- Slices and partitions are read through what they are parts of, which has the comments.
    and not c.relispartition and a.attnum > 0 and not a.attisdropped
  union all
  select format('function %s', f.oid::regprocedure), f.oid, 'pg_proc', 0
  from pg_proc as f
  where f.pronamespace::regnamespace::text ~ '^memoriesdb'
  union all
  select format('trigger %s on %s', t.tgname, t.tgrelid::regclass), t.oid, 'pg_trigger', 0
  from pg_trigger as t
  inner join pg_class as c on t.tgrelid = c.oid
  where c.relnamespace::regnamespace::text ~ '^memoriesdb' and not t.tgisinternal and t.tgparentid = 0
  union all
  select format('policy %s', p.polname), p.oid, 'pg_policy', 0
  from pg_policy as p
  union all
  select format('type %s', t.oid::regtype), t.oid, 'pg_type', 0
  from pg_type as t
  left join pg_class as c on t.typrelid = c.oid
  where t.typnamespace::regnamespace::text ~ '^memoriesdb'
    and (c.relkind = 'c' or t.typtype in ('e', 'd', 'r'))
) as x (what, id, catalogue, part)
where coalesce(
  case when x.part = 0 then obj_description(x.id, x.catalogue) else col_description(x.id, x.part) end, ''
) !~ '\S'
