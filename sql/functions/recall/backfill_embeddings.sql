create or replace function memoriesdb.backfill_embeddings(model_id uuid)
returns bigint
language plpgsql
volatile
parallel unsafe
security definer -- reads all memories' hashes and writes the queue
set search_path = pg_catalog, pg_temp
as $function$
#variable_conflict use_column
declare
  v_count bigint;
begin
  insert into memoriesdb.embedding_schedule as j (
    owner_id, memory_id, model_id, text_hash, priority
  )
  select m.owner_id, m.id, backfill_embeddings.model_id, m.embedding_text_hash, 100
  from memoriesdb.memories as m
  where not m.is_encrypted and exists (
    select from memoriesdb.embedding_models as o
    where o.id = backfill_embeddings.model_id and o.is_enabled
  )
  and not exists (
    select from memoriesdb.memory_embeddings as e
    where e.owner_id = m.owner_id and e.memory_id = m.id
      and e.model_id = backfill_embeddings.model_id
      and e.text_hash = m.embedding_text_hash
  )
  and not exists (
    select from memoriesdb.embedding_schedule as s
    where s.owner_id = m.owner_id and s.memory_id = m.id
      and s.model_id = backfill_embeddings.model_id
  )
  order by m.owner_id, m.seq
  on conflict (owner_id, memory_id, model_id) where lease_token is null and dead_at is null
  do nothing;
  get diagnostics v_count = row_count;
  return v_count;
end;
$function$;

alter function memoriesdb.backfill_embeddings(uuid) owner to memoriesdb_definer;
revoke all on function memoriesdb.backfill_embeddings(uuid) from public;
grant execute on function memoriesdb.backfill_embeddings(uuid) to memoriesdb_admin;
comment on function memoriesdb.backfill_embeddings(uuid) is
'Queue, at low priority, every memory in plain text that has neither an embedding of its last '
'text by this enabled model nor a job, all in one transaction (memoriesdb_admin); queue_backfill() '
'does it in small ones. Returns how many.';
