-- What recall finds for each of several queries, best first.
select r.query_number, r.memory_id, r.vector_rank
from memoriesdb.recall_batch(queries => %(queries)s::text[], k => %(k)s::integer) as r;
