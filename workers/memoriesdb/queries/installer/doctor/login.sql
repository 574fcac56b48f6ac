-- Who this connection is, and what could be seen of a pool before it.
select
  session_user::text as login,
  r.rolsuper as is_superuser,
  r.rolbypassrls as bypasses_rls,
  r.rolcreaterole as creates_roles,
  r.rolreplication as replicates,
  pg_catalog.pg_backend_pid() as backend_pid,
  pg_catalog.to_regnamespace('memoriesdb') is not null
  and pg_catalog.to_regnamespace('memoriesdb_system') is not null as is_installed,
  coalesce(o.rolname = session_user, false) as is_installer,
  case when not o.rolsuper then o.rolname::text end as weak_installer,
  pg_catalog.current_database()::text as database
from pg_catalog.pg_roles as r
left join pg_catalog.pg_namespace as n on n.nspname = 'memoriesdb_system'
left join pg_catalog.pg_roles as o on n.nspowner = o.oid
where r.rolname = session_user;
