-- Roles that this login is a member of, directly or not, and that no login may be a member of.
select r.rolname::text as detail
from pg_catalog.pg_roles as r
where r.rolname <> session_user
  and pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER')
  and (
    r.rolsuper or r.rolbypassrls or r.rolcreaterole
    or r.rolname in (
      'memoriesdb_owner', 'memoriesdb_definer', 'memoriesdb_signer', 'memoriesdb_eraser',
      'memoriesdb_pgbouncer', 'pg_read_all_data', 'pg_write_all_data', 'pg_read_server_files',
      'pg_write_server_files', 'pg_execute_server_program', 'pg_signal_backend', 'pg_checkpoint',
      -- The statements of others, with the texts that are in them.
      'pg_read_all_stats', 'pg_monitor', 'pg_database_owner', 'pg_create_subscription',
      'pg_maintain'
    )
  )
order by r.rolname;
