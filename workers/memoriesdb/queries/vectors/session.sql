-- Become the owner of the tables for the rest of a session that is the maintainer's alone. The
-- server looks now and then whether the worker is still there, and ends the build where it is not.
select
  pg_catalog.set_config('role', 'memoriesdb_owner', false),
  pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', false),
  pg_catalog.set_config('statement_timeout', '0', false),
  pg_catalog.set_config('client_connection_check_interval', '2s', false),
  pg_catalog.set_config('maintenance_work_mem', %(memory)s::text, false),
  -- Several processes at one graph overrun their memory before pgvector 0.8.2 (CVE-2026-3172).
  pg_catalog.set_config(
    'max_parallel_maintenance_workers',
    case
      when (
        select
          pg_catalog.string_to_array(
            pg_catalog.regexp_replace(e.extversion, '[^0-9.].*$', ''), '.'
          )::integer[] >= '{0,8,2}'
        from pg_catalog.pg_extension as e
        where e.extname = 'vector'
      ) then %(parallel)s::text
      else '0'
    end,
    false
  )
