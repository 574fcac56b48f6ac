-- Admins see all, a user his own; the view reads the tables as its owner.
create or replace view memoriesdb.stranded_memories with (security_barrier) as
select
  m.owner_id,
  m.id as memory_id,
  o.id as model_id,
  'embedding'::text as queue
from memoriesdb.memories as m
cross join memoriesdb.embedding_models as o
where
  (
    (select memoriesdb._sees_all_queues())
    or m.owner_id = (select memoriesdb._user_with_scope('read'))
  )
  and o.is_enabled
  and not m.is_encrypted
  and not exists (
    select 1 from memoriesdb.memory_embeddings as e
    where
      e.owner_id = m.owner_id and e.memory_id = m.id and e.model_id = o.id
      and e.text_hash = m.embedding_text_hash
  )
  and not exists (
    select 1 from memoriesdb.embedding_schedule as j
    where j.owner_id = m.owner_id and j.memory_id = m.id and j.model_id = o.id
  )
union all
select
  d.owner_id,
  d.memory_id,
  null as model_id,
  'indexing' as queue
from memoriesdb.memory_documents as d
where
  (
    (select memoriesdb._sees_all_queues())
    or d.owner_id = (select memoriesdb._user_with_scope('read'))
  )
  and not d.is_indexed
  and not exists (
    select 1 from memoriesdb.search_schedule as s
    where s.owner_id = d.owner_id and s.doc = d.doc
  );

alter view memoriesdb.stranded_memories owner to memoriesdb_owner;
comment on view memoriesdb.stranded_memories is
'Memories that no queue knows of and that wait nevertheless: neither an embedding of their present '
'text nor a job nor a dead letter, dropped or not; or words that are not indexed and not '
'queued. Always empty, unless somebody has written past the triggers or the backfill of a new '
'model has not come to them; repair_queues() fills the queues again. All for admins, for a user '
'his own. Reads all memories.';
comment on column memoriesdb.stranded_memories.owner_id is 'Owner of the memory.';
comment on column memoriesdb.stranded_memories.memory_id is 'memories.id';
comment on column memoriesdb.stranded_memories.model_id is
'The enabled model that has no embedding of it; null for words.';
comment on column memoriesdb.stranded_memories.queue is 'embedding or indexing (words).';
