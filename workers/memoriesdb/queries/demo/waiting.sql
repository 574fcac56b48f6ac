-- How many jobs still wait in a queue, dead letters left out.
select coalesce(sum(q.due + q.waiting + q.claimed), 0)::integer
from memoriesdb.queue_status as q
where q.queue = %(queue)s::text;
