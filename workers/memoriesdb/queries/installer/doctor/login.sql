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
  pg_catalog.current_database()::text as database
from pg_catalog.pg_roles as r
where r.rolname = session_user;
