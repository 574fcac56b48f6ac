-- Extensions that are missing or too old.
select case
  when e.extname is null then pg_catalog.format('%s is missing', needed.name)
  else pg_catalog.format('%s is %s', e.extname, e.extversion)
end as detail
from pg_catalog.unnest(array['vector', 'pg_trgm', 'pgcrypto']) as needed (name)
left join pg_catalog.pg_extension as e on needed.name = e.extname
where e.extname is null
  or (
    e.extname = 'vector'
    and (pg_catalog.regexp_match(e.extversion, '^(\d+)\.(\d+)'))::integer[] < '{0,8}'::integer[]
  )
order by detail;
