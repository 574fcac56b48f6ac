-- Extensions of which the server has a newer version than this database.
select pg_catalog.format('%s %s, there is %s', e.extname, e.extversion, a.default_version) as detail
from pg_catalog.pg_extension as e
inner join pg_catalog.pg_available_extensions as a on e.extname = a.name
where e.extname in ('vector', 'pg_trgm', 'pgcrypto', 'plpython3u')
  and e.extversion <> a.default_version
order by detail;
