-- Duties that have jobs waiting and no worker with a sign of life in the last two minutes.
select pg_catalog.format(
  '%s: %s', q.queue,
  coalesce('last seen ' || pg_catalog.date_trunc('second', pg_catalog.max(h.seen_at)), 'never seen')
) as detail
from memoriesdb.queue_status as q
left join memoriesdb.worker_heartbeats as h on q.queue = h.duty
where q.due + q.waiting + q.claimed > 0
group by q.queue
having coalesce(
  pg_catalog.max(h.seen_at) filter (where h.state <> 'stopped')
  < pg_catalog.statement_timestamp() - interval '2 minutes',
  true
)
order by detail;
