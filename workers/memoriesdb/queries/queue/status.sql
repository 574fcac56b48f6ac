-- What waits in the queues, as far as this login may see it.
select
  queue, what, due, waiting, claimed, expired, dead,
  oldest_age, per_minute, eta, last_error
from memoriesdb.queue_status
order by queue, what;
