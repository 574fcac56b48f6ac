-- How many jobs of a model wait or are being worked at; dead letters are none.
select coalesce(sum(q.due + q.waiting + q.claimed), 0)::bigint
from memoriesdb.queue_status as q
where q.queue = 'embedding' and q.what = %(name)s::text;
