-- A table whose rows are not themselves a log, a part of the ledger, a queue, a mark or a cache has audit triggers for
-- every kind of write. (The search structures are what triggers and the indexing derive from memories, where the change
-- is audited.)
select format('%s: %s', c.oid::regclass, w.what)
from pg_class as c
-- Bits of pg_trigger.tgtype: 4 insert, 8 delete, 16 update.
cross join (values ('INSERT', 4), ('DELETE', 8), ('UPDATE', 16)) as w (what, bits)
where c.relnamespace = 'memoriesdb'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
  and c.relname not in (
    'audit_log', 'audit_payloads', 'access_log', 'memory_versions', 'embedding_schedule', 'embedding_batches', 'vindexing_schedule', 'memory_vector_indexes',
    'worker_heartbeats', 'query_embeddings', 'api_token_uses', 'ledger_blocks', 'ledger_leaves',
    'ledger_archives', 'ledger_state', 'memory_documents', 'memory_terms', 'search_schedule', 'search_counts',
    'frequent_terms', 'idempotency_keys'
  )
  and not exists (
    select from pg_trigger as t
    inner join pg_proc as f on t.tgfoid = f.oid
    where t.tgrelid = c.oid and f.proname ~ '^tg_.*audit' and t.tgtype & w.bits = w.bits and t.tgenabled = 'A'
  )
