-- Settings with which a crash loses, or breaks, what was committed.
select pg_catalog.format('%s = %s', s.name, s.setting) as detail
from pg_catalog.pg_settings as s
where s.name in ('fsync', 'full_page_writes', 'synchronous_commit') and s.setting = 'off'
order by s.name;
