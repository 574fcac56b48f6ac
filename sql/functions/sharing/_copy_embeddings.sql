create or replace function memoriesdb._copy_embeddings(
  owner_id uuid, memory_id uuid, new_owner_id uuid, new_memory_id uuid
)
returns void
language plpgsql
volatile
parallel unsafe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
begin
  insert into memoriesdb.memory_embeddings (
    owner_id, memory_id, model_id, doc, embedding, text_hash
  )
  select new_owner_id, new_memory_id, e.model_id, m.seq, e.embedding, e.text_hash
  from memoriesdb.memory_embeddings as e
  -- None by a model that is being dropped.
  join memoriesdb.embedding_models as o on o.id = e.model_id and o.is_enabled
  join memoriesdb.memories as m on m.owner_id = new_owner_id and m.id = new_memory_id
  where e.owner_id = _copy_embeddings.owner_id and e.memory_id = _copy_embeddings.memory_id;
  -- The job that the new row has got is not needed for a model whose vector came along, unless that
  -- is of a former text.
  delete from memoriesdb.embedding_schedule as j
  using memoriesdb.memory_embeddings as e
  where j.owner_id = new_owner_id and j.memory_id = new_memory_id
    and e.owner_id = j.owner_id and e.memory_id = j.memory_id and e.model_id = j.model_id
    and e.text_hash = j.text_hash;
end;
$function$;

alter function memoriesdb._copy_embeddings(uuid, uuid, uuid, uuid) owner to memoriesdb_definer;
revoke all on function memoriesdb._copy_embeddings(uuid, uuid, uuid, uuid) from public;
comment on function memoriesdb._copy_embeddings(uuid, uuid, uuid, uuid) is
'Copy the embeddings of a memory to another row with the same text, and drop the jobs that are '
'not needed then.';
