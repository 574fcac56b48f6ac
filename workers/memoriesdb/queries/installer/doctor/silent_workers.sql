-- Duties that have jobs waiting and no worker with a sign of life in the last two minutes. Words are
-- indexed by the vindexing workers.
select pg_catalog.format(
  '%s: %s', d.duty,
  coalesce('last seen ' || pg_catalog.date_trunc('second', pg_catalog.max(h.seen_at)), 'never seen')
) as detail
from (
  select distinct case q.queue when 'indexing' then 'vindexing' else q.queue end as duty
  from memoriesdb.queue_status as q
  where q.due + q.waiting + q.claimed > 0
) as d
left join memoriesdb.worker_heartbeats as h on d.duty = h.duty
group by d.duty
having coalesce(
  pg_catalog.max(h.seen_at) filter (where h.state <> 'stopped')
  < pg_catalog.statement_timestamp() - interval '2 minutes',
  true
)
order by detail;
