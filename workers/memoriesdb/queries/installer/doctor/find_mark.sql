-- Which backend this is, and whether it has the mark, which is taken away again.
select
  pg_catalog.pg_backend_pid() as backend_pid,
  coalesce(
    pg_catalog.current_setting('app.current_user', true) = 'memoriesdb doctor', false
  ) as is_marked,
  case
    when pg_catalog.current_setting('app.current_user', true) = 'memoriesdb doctor'
      then pg_catalog.set_config('app.current_user', null, false)
  end as now;
