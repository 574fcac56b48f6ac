-- What belongs to a table: constraints, indexes, triggers, policies.
with relation as (
  select c.oid, c.relname
  from pg_catalog.pg_class as c
  inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
  where n.nspname in ('memoriesdb', 'memoriesdb_system') and c.relkind in ('r', 'p')
    and not c.relispartition
)

select
  r.relname as relation, 'constraint' as kind, k.conname as name,
  pg_catalog.pg_get_constraintdef(k.oid) as definition, null as comment
from pg_catalog.pg_constraint as k
inner join relation as r on k.conrelid = r.oid
where k.contype in ('p', 'u', 'f', 'c')
union all
select
  r.relname, 'index', i.relname,
  pg_catalog.regexp_replace(pg_catalog.pg_get_indexdef(i.oid), '^CREATE (UNIQUE )?INDEX .* USING ', '\1'),
  pg_catalog.obj_description(i.oid, 'pg_class')
from pg_catalog.pg_index as x
inner join relation as r on x.indrelid = r.oid
inner join pg_catalog.pg_class as i on x.indexrelid = i.oid
where not exists (
  select from pg_catalog.pg_constraint as k where k.conindid = i.oid and k.contype in ('p', 'u')
)
union all
select
  r.relname, 'trigger', t.tgname,
  pg_catalog.lower(pg_catalog.regexp_replace(
    pg_catalog.pg_get_triggerdef(t.oid), '^CREATE TRIGGER \S+ (.*?) ON .*$', '\1'
  )),
  pg_catalog.obj_description(t.oid, 'pg_trigger')
from pg_catalog.pg_trigger as t
inner join relation as r on t.tgrelid = r.oid
where not t.tgisinternal
union all
select
  r.relname, 'policy', p.polname,
  case p.polcmd
    when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete'
    else 'all'
  end
  || ' to ' || pg_catalog.array_to_string(array(
    select g.rolname from pg_catalog.pg_roles as g where g.oid = any (p.polroles) order by g.rolname
  ), ', '),
  pg_catalog.obj_description(p.oid, 'pg_policy')
from pg_catalog.pg_policy as p
inner join relation as r on p.polrelid = r.oid
order by relation, kind, name
