-- The planner's estimates tell what values others have (EXPLAIN … where content = 'a guess'), and the statistics keep
-- samples of texts that are erased, and of keys. So none are kept of what users write, nor of secrets.
select format('%s.%s', c.oid::regclass, a.attname)
from pg_class as c
inner join pg_attribute as a on a.attrelid = c.oid
inner join pg_type as t on a.atttypid = t.oid
where c.relnamespace = 'memoriesdb'::regnamespace and c.relkind in ('r', 'p', 'm')
  and c.relname not in (
    'embedding_models', 'settings', 'worker_heartbeats', 'embedding_schedule', 'vindexing_schedule'
  )
  and a.attnum > 0 and not a.attisdropped and coalesce(a.attstattarget, -1) <> 0
  and t.typname in ('text', 'bytea', 'jsonb', 'tsvector', '_uuid', '_text', '_jsonb', 'halfvec', 'vector')
union all
-- What an index computes has statistics of its own.
select format('%s.%s', c.oid::regclass, a.attname)
from pg_index as i
inner join pg_class as c on i.indexrelid = c.oid
inner join pg_attribute as a on a.attrelid = c.oid
where c.relnamespace = 'memoriesdb'::regnamespace and c.relkind = 'i' and not c.relispartition
  and i.indkey[a.attnum - 1] = 0 and coalesce(a.attstattarget, -1) <> 0 and a.atttypid = 'text'::regtype
