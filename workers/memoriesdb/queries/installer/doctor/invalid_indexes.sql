-- Indexes that a failed CREATE INDEX CONCURRENTLY has left: written with every row, used by nobody.
select x.relname::text as detail
from pg_catalog.pg_index as i
inner join pg_catalog.pg_class as x on i.indexrelid = x.oid
inner join pg_catalog.pg_namespace as n on x.relnamespace = n.oid
where n.nspname = 'memoriesdb' and not i.indisvalid
  -- Somebody builds or drops one right now.
  and not exists(
    select from pg_catalog.pg_locks as l
    where l.relation = i.indrelid and l.locktype = 'relation' and l.granted
      and l.mode = 'ShareUpdateExclusiveLock'
      and l.database = (
        select d.oid from pg_catalog.pg_database as d
        where d.datname = pg_catalog.current_database()
      )
  )
order by x.relname;
