-- Jobs that have waited for more than ten minutes.
select pg_catalog.format(
  '%s %s: since %s', q.queue, q.what, pg_catalog.date_trunc('second', q.oldest_at)
) as detail
from memoriesdb.queue_status as q
where q.oldest_at < pg_catalog.statement_timestamp() - interval '10 minutes'
order by detail;
