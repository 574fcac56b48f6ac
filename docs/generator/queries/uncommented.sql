-- Everything of ours that has no comment, or an empty one.
with ours as (
  select n.oid, n.nspname from pg_catalog.pg_namespace as n where n.nspname in ('memoriesdb', 'memoriesdb_system')
),

relation as (
  select c.oid, c.relname, c.relkind, c.relispartition
  from pg_catalog.pg_class as c
  inner join ours as n on c.relnamespace = n.oid
),

found as (
  select 'schema ' || n.nspname as what, pg_catalog.obj_description(n.oid, 'pg_namespace') as comment
  from ours as n
  union all
  select 'relation ' || r.relname, pg_catalog.obj_description(r.oid, 'pg_class')
  from relation as r
  where r.relkind in ('r', 'p', 'v', 'm')
  union all
  select 'sequence ' || r.relname, pg_catalog.obj_description(r.oid, 'pg_class')
  from relation as r
  -- An identity's sequence belongs to its column, which has the comment.
  where r.relkind = 'S'
    and not exists (select from pg_catalog.pg_depend as d where d.objid = r.oid and d.deptype = 'i')
  union all
  select 'column ' || r.relname || '.' || a.attname, pg_catalog.col_description(r.oid, a.attnum)
  from relation as r
  inner join pg_catalog.pg_attribute as a on r.oid = a.attrelid
  where r.relkind in ('r', 'p', 'v') and not r.relispartition and a.attnum > 0 and not a.attisdropped
  union all
  select 'function ' || p.oid::pg_catalog.regprocedure, pg_catalog.obj_description(p.oid, 'pg_proc')
  from pg_catalog.pg_proc as p
  inner join ours as n on p.pronamespace = n.oid
  union all
  select 'policy ' || p.polname, pg_catalog.obj_description(p.oid, 'pg_policy')
  from pg_catalog.pg_policy as p
  inner join relation as r on p.polrelid = r.oid
  union all
  select 'trigger ' || t.tgname || ' on ' || r.relname, pg_catalog.obj_description(t.oid, 'pg_trigger')
  from pg_catalog.pg_trigger as t
  inner join relation as r on t.tgrelid = r.oid
  -- Partitions have copies of their table's triggers.
  where not t.tgisinternal and not r.relispartition
  union all
  select 'type ' || t.typname, pg_catalog.obj_description(t.oid, 'pg_type')
  from pg_catalog.pg_type as t
  inner join ours as n on t.typnamespace = n.oid
  where t.typtype in ('d', 'e') or (
    -- A row type of its own, and not that of a table or view.
    t.typtype = 'c'
    and not exists (select from relation as r where r.oid = t.typrelid and r.relkind <> 'c')
  )
)

select what from found where coalesce(pg_catalog.btrim(comment), '') = '' order by what
