-- What a session has at its very first statement: through a pool, the last client left it.
select pg_catalog.format('setting app.current_user = %L', s.setting) as detail
from (select nullif(pg_catalog.current_setting('app.current_user', true), '') as setting) as s
where s.setting is not null
union all
select pg_catalog.format('temporary table %s', c.relname)
from pg_catalog.pg_class as c
where c.relnamespace = pg_catalog.pg_my_temp_schema() and c.relkind = 'r'
union all
select pg_catalog.format('prepared statement %s', p.name)
from pg_catalog.pg_prepared_statements as p
where p.from_sql
union all
select 'an advisory lock'
from pg_catalog.pg_locks as l
where l.locktype = 'advisory' and l.pid = pg_catalog.pg_backend_pid();
