-- No row trigger sees it. Queues, heartbeats and the cache hold nothing that is not made again.
select format('table %s', c.oid::regclass)
from pg_class as c
where c.relnamespace = 'memoriesdb'::regnamespace and c.relkind in ('r', 'p')
  and c.relname not in ('embedding_schedule', 'embedding_batches', 'vindexing_schedule', 'memory_vector_indexes', 'worker_heartbeats', 'query_embeddings')
  and not exists (
    select from pg_trigger as t
    inner join pg_proc as f on t.tgfoid = f.oid
    where t.tgrelid = c.oid and f.proname = 'tg_refuse_truncate' and t.tgenabled = 'A'
  )
