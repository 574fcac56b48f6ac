-- Settings without which dead rows stay: erased texts among them, and queues that grow.
select pg_catalog.format('%s = %s', s.name, s.setting) as detail
from pg_catalog.pg_settings as s
where s.name in ('autovacuum', 'track_counts') and s.setting = 'off'
order by s.name;
