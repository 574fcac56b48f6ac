-- What the installer needs to know of a server and of the login it has.
select
  pg_catalog.current_setting('server_version_num')::integer / 10000 as version,
  (select r.rolsuper from pg_catalog.pg_roles as r where r.rolname = current_user) as is_superuser,
  pg_catalog.to_regclass('memoriesdb_system._installed_object') is not null as is_installed,
  exists(
    select from pg_catalog.pg_available_extensions as e where e.name = 'plpython3u'
  ) as has_plpython,
  coalesce(
    (select e.extversion from pg_catalog.pg_extension as e where e.extname = 'vector'),
    (select e.default_version from pg_catalog.pg_available_extensions as e where e.name = 'vector')
  ) as vector_available;
