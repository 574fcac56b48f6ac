-- What waits in the queues, as far as this login or user may see it.
select queue, what, due, waiting, claimed, dead, oldest_at, last_error
from memoriesdb.queue_status
order by queue, what;
