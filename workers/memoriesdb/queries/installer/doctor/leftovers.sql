-- What a session has at its very first statement: through a pool, the last client left it. A pool
-- itself sets what a driver names at the start, which is harmless.
select pg_catalog.format('setting %s = %L', s.name, s.setting) as detail
from (
  select n.name, nullif(pg_catalog.current_setting(n.name, true), '') as setting
  from pg_catalog.unnest(array['app.current_user', 'app.session', 'app.reason']) as n (name)
  union all
  select p.name, p.setting
  from pg_catalog.pg_settings as p
  where p.source = 'session' and p.name not in (
    'client_encoding', 'DateStyle', 'TimeZone', 'standard_conforming_strings', 'IntervalStyle',
    'application_name',
    -- This transaction's own; see the prologue.
    'transaction_read_only', 'transaction_isolation', 'transaction_deferrable', 'search_path'
  )
) as s
-- Doctor's own mark, where a busy pool kept it.
where s.setting is not null and s.setting <> 'memoriesdb doctor'
union all
select pg_catalog.format('role %s', pg_catalog.quote_ident(current_user))
where current_user <> session_user
union all
select pg_catalog.format('temporary table %s', c.relname)
from pg_catalog.pg_class as c
where c.relnamespace = pg_catalog.pg_my_temp_schema() and c.relkind = 'r'
union all
select pg_catalog.format('prepared statement %s', p.name)
from pg_catalog.pg_prepared_statements as p
where p.from_sql
union all
select pg_catalog.format('cursor %s', c.name)
from pg_catalog.pg_cursors as c
where c.is_holdable
union all
select pg_catalog.format('listening on %s', l.channel)
from pg_catalog.pg_listening_channels() as l (channel)
union all
select 'an advisory lock'
from pg_catalog.pg_locks as l
where l.locktype = 'advisory' and l.pid = pg_catalog.pg_backend_pid();
