create or replace function memoriesdb.repair_queues()
returns bigint
language plpgsql
volatile
parallel unsafe
security definer -- reads all memories' hashes and writes the queues
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_embeddings bigint;
  v_words bigint;
begin
  with stranded as materialized (
    select m.owner_id, m.id as memory_id, o.id as model_id, m.embedding_text_hash
    from memoriesdb.memories as m
    cross join memoriesdb.embedding_models as o
    where o.is_enabled and not m.is_encrypted
      and not exists (
        select from memoriesdb.memory_embeddings as e
        where e.owner_id = m.owner_id and e.memory_id = m.id and e.model_id = o.id
          and e.text_hash = m.embedding_text_hash
      )
      and not exists (
        select from memoriesdb.embedding_schedule as j
        where j.owner_id = m.owner_id and j.memory_id = m.id and j.model_id = o.id
      )
    -- Whoever is changing a memory at this moment queues its new text himself.
    for share of m skip locked
  )

  insert into memoriesdb.embedding_schedule (owner_id, memory_id, model_id, text_hash, priority)
  select s.owner_id, s.memory_id, s.model_id, s.embedding_text_hash, 100
  from stranded as s
  order by s.owner_id, s.memory_id
  on conflict (owner_id, memory_id, model_id) where lease_token is null and dead_at is null
  do nothing;
  get diagnostics v_embeddings = row_count;

  insert into memoriesdb.search_schedule (owner_id, doc, memory_id)
  select d.owner_id, d.doc, d.memory_id
  from memoriesdb.memory_documents as d
  where not d.is_indexed and not exists (
    select from memoriesdb.search_schedule as s where s.owner_id = d.owner_id and s.doc = d.doc
  )
  order by d.owner_id, d.doc
  on conflict on constraint search_schedule_pkey do nothing;
  get diagnostics v_words = row_count;
  return v_embeddings + v_words;
end;
$function$;

alter function memoriesdb.repair_queues() owner to memoriesdb_definer;
revoke all on function memoriesdb.repair_queues() from public;
grant execute on function memoriesdb.repair_queues() to memoriesdb_admin;
comment on function memoriesdb.repair_queues() is
'Queue what stranded_memories lists, at low priority (memoriesdb_admin). Returns how many jobs; '
'what somebody is changing at this moment is queued by him.';
