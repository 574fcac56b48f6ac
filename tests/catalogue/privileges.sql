-- Who may do what: a line for each object, and below it a line for each set of roles that may do the same.
-- What holds is asked, not what was granted, so that roles within roles and PUBLIC count.
with role (position, name, oid) as (
  select r.position, r.name, coalesce(to_regrole(r.role)::oid, 0)
  from (
    values
    (0, 'PUBLIC', 'public'), (1, 'owner', 'memoriesdb_owner'), (2, 'definer', 'memoriesdb_definer'),
    (2.3, 'signer', 'memoriesdb_signer'), (2.6, 'eraser', 'memoriesdb_eraser'),
    (3, 'app', 'memoriesdb_app'), (4, 'client', 'memoriesdb_client'), (5, 'worker', 'memoriesdb_worker'),
    (6, 'maintainer', 'memoriesdb_maintainer'), (7, 'admin', 'memoriesdb_admin'),
    (8, 'auditor', 'memoriesdb_auditor'), (9, 'pgbouncer', 'memoriesdb_pgbouncer')
  ) as r (position, name, role)
),

schema (oid, name) as (
  select n.oid, n.nspname from pg_namespace as n where n.nspname in ('memoriesdb', 'memoriesdb_system')
),

relation (oid, name, kind, owner) as (
  select
    c.oid, format('%s.%s', s.name, c.relname),
    case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence' else 'table' end
    || case when c.relispartition then ' (partition)' else '' end,
    c.relowner
  from pg_class as c
  inner join schema as s on c.relnamespace = s.oid
  where c.relkind in ('r', 'p', 'v', 'm', 'S')
),

privilege (place, object, detail, role, what) as (
  select 1, format('schema %s', s.name), '', r.name, p.name
  from schema as s
  cross join role as r
  cross join (values ('usage'), ('create')) as p (name)
  where has_schema_privilege(r.oid, s.oid, p.name)

  union all
  -- Of the whole relation, or else of columns.
  select 2, format('%s %s', t.kind, t.name), '', r.name, case
    when has_table_privilege(r.oid, t.oid, p.name) then p.name
    else format('%s(%s)', p.name, (
      select string_agg(a.attname, ', ' order by a.attnum)
      from pg_attribute as a
      where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
        and has_column_privilege(r.oid, t.oid, a.attnum, p.name)
    ))
  end
  from relation as t
  cross join role as r
  cross join (values ('select'), ('insert'), ('update'), ('references')) as p (name)
  where t.kind <> 'sequence' and has_any_column_privilege(r.oid, t.oid, p.name)

  union all
  select 2, format('%s %s', t.kind, t.name), '', r.name, p.name
  from relation as t
  cross join role as r
  cross join (values ('delete'), ('truncate'), ('trigger')) as p (name)
  where t.kind <> 'sequence' and has_table_privilege(r.oid, t.oid, p.name)

  union all
  select 3, format('%s %s', t.kind, t.name), '', r.name, p.name
  from relation as t
  cross join role as r
  cross join (values ('usage'), ('select'), ('update')) as p (name)
  where t.kind = 'sequence' and has_sequence_privilege(r.oid, t.oid, p.name)

  union all
  select
    4, format('type %s.%s', s.name, t.typname), '', r.name, 'usage'
  from pg_type as t
  inner join schema as s on t.typnamespace = s.oid
  left join pg_class as c on t.typrelid = c.oid
  cross join role as r
  where (c.relkind = 'c' or t.typtype in ('e', 'd', 'r')) and has_type_privilege(r.oid, t.oid, 'usage')

  union all
  select
    5, format('function %s.%s(%s)', s.name, f.proname, pg_get_function_identity_arguments(f.oid)),
    '', r.name, 'execute'
  from pg_proc as f
  inner join schema as s on f.pronamespace = s.oid
  cross join role as r
  where has_function_privilege(r.oid, f.oid, 'execute')
),

object (place, object, detail) as (
  select 1, format('schema %s', s.name), pg_get_userbyid(n.nspowner)
  from schema as s
  inner join pg_namespace as n on s.oid = n.oid
  union all
  select case t.kind when 'sequence' then 3 else 2 end, format('%s %s', t.kind, t.name), pg_get_userbyid(t.owner)
  from relation as t
  union all
  select 4, format('type %s.%s', s.name, t.typname), pg_get_userbyid(t.typowner)
  from pg_type as t
  inner join schema as s on t.typnamespace = s.oid
  left join pg_class as c on t.typrelid = c.oid
  where c.relkind = 'c' or t.typtype in ('e', 'd', 'r')
  union all
  select
    5, format('function %s.%s(%s)', s.name, f.proname, pg_get_function_identity_arguments(f.oid)),
    pg_get_userbyid(f.proowner) || case when f.prosecdef then ', security definer' else ', security invoker' end
  from pg_proc as f
  inner join schema as s on f.pronamespace = s.oid
),

held (place, object, role, whats) as (
  select p.place, p.object, p.role, string_agg(p.what, ' ' order by p.what)
  from privilege as p
  group by p.place, p.object, p.role
),

line (place, object, position, text) as (
  select o.place, o.object, -1, format('%s [%s]', o.object, o.detail) from object as o
  union all
  select h.place, h.object, min(r.position), format('  %s: %s', string_agg(r.name, ' ' order by r.position), h.whats)
  from held as h
  inner join role as r on h.role = r.name
  group by h.place, h.object, h.whats
)

select l.text from line as l order by l.place, l.object collate "C", l.position
