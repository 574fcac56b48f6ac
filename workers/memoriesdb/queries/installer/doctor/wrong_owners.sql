-- Objects that do not belong to whom they must: after a restore without roles, to the superuser.
-- Where no superuser installed, a login that may: it owns the database and has CREATEROLE.
with object (kind, name, owner, system, kinds_of_owner) as (
  select
    'schema', n.nspname::text, n.nspowner, n.nspname = 'memoriesdb_system',
    array['memoriesdb_owner']
  from pg_catalog.pg_namespace as n
  where n.nspname in ('memoriesdb', 'memoriesdb_system')
  union all
  select
    'relation', pg_catalog.format('%s.%s', n.nspname, c.relname), c.relowner,
    n.nspname = 'memoriesdb_system', array['memoriesdb_owner']
  from pg_catalog.pg_class as c
  inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
  where n.nspname in ('memoriesdb', 'memoriesdb_system') and c.relkind not in ('i', 'I', 't')
  union all
  select
    'function', pg_catalog.format('%s.%s', n.nspname, p.proname), p.proowner,
    n.nspname = 'memoriesdb_system', array[
      'memoriesdb_definer', 'memoriesdb_owner', 'memoriesdb_signer', 'memoriesdb_eraser'
    ]
  from pg_catalog.pg_proc as p
  inner join pg_catalog.pg_namespace as n on p.pronamespace = n.oid
  where n.nspname in ('memoriesdb', 'memoriesdb_system')
)

select pg_catalog.format('%s %s: %s', o.kind, o.name, pg_catalog.pg_get_userbyid(o.owner)) as detail
from object as o
left join pg_catalog.pg_roles as r on o.owner = r.oid
left join pg_catalog.pg_namespace as i on i.nspname = 'memoriesdb_system'
left join pg_catalog.pg_database as d on d.datname = pg_catalog.current_database()
where not case
  when o.system
    then coalesce(
      r.rolsuper or (
        r.rolcreaterole and o.owner = i.nspowner
        and pg_catalog.pg_has_role(r.oid, d.datdba, 'USAGE')
      ), false
    )
  else coalesce(r.rolname = any(o.kinds_of_owner), false)
end
order by detail;
