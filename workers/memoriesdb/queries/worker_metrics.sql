-- Read how deep the queues are, for the metrics.
select queue, pending, claimed, dead, oldest_seconds
from memoriesdb.worker_metrics();
