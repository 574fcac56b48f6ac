-- Jobs that were given up.
select pg_catalog.format('%s %s: %s', q.dead, q.queue, q.what) as detail
from memoriesdb.queue_status as q
where q.dead > 0
order by detail;
