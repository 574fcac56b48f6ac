-- Settings that an admin has changed.
select pg_catalog.format('%s = %s (default %s)', s.key, s.value, s.default_value) as detail
from memoriesdb.settings as s
where s.value is distinct from s.default_value
order by s.key;
