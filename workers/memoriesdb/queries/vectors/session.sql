-- Become the owner of the tables for the rest of a session that is the maintainer's alone. The
-- server looks now and then whether the worker is still there, and ends the build where it is not.
select
  pg_catalog.set_config('role', 'memoriesdb_owner', false),
  pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', false),
  pg_catalog.set_config('statement_timeout', '0', false),
  pg_catalog.set_config('client_connection_check_interval', '2s', false),
  pg_catalog.set_config('maintenance_work_mem', %(memory)s::text, false),
  pg_catalog.set_config('max_parallel_maintenance_workers', %(parallel)s::text, false),
  pg_catalog.pg_backend_pid()
