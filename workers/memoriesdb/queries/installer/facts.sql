-- What the installer needs to know of a server and of the login it has.
select
  pg_catalog.current_setting('server_version_num')::integer / 10000 as version,
  me.rolsuper as is_superuser,
  me.rolcreaterole and me.rolinherit
  and pg_catalog.pg_has_role(d.datdba, 'USAGE') as is_administrator,
  -- to_regclass would fail for a login that may not look into the schema.
  exists(
    select from pg_catalog.pg_class as c
    where c.relnamespace = n.oid and c.relname = '_installed_object'
  ) as is_installed,
  -- Whose the installer's records are, where this login is not to touch them.
  case
    when o.rolname = current_user or (o.rolsuper and me.rolsuper) then null
    else o.rolname::text
  end as belongs_to,
  exists(
    select from pg_catalog.pg_available_extensions as e where e.name = 'plpython3u'
  ) as has_plpython,
  coalesce(
    (select e.extversion from pg_catalog.pg_extension as e where e.extname = 'vector'),
    (select e.default_version from pg_catalog.pg_available_extensions as e where e.name = 'vector')
  ) as vector_available
from pg_catalog.pg_roles as me
inner join pg_catalog.pg_database as d on d.datname = pg_catalog.current_database()
left join pg_catalog.pg_namespace as n on n.nspname = 'memoriesdb_system'
left join pg_catalog.pg_roles as o on n.nspowner = o.oid
where me.rolname = current_user;
