create or replace function memoriesdb._newer_vectors(
  owner_id uuid, model_id uuid, after_doc bigint
)
returns table (newer bigint, last_doc bigint)
language plpgsql
stable
parallel safe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
as $function$
begin
  if (
    select o.dimensions <= 1300 from memoriesdb.embedding_models as o
    where o.id = _newer_vectors.model_id
  ) then
    return query
    select count(*), max(e.doc)
    from memoriesdb.memory_embeddings as e
    where e.owner_id = _newer_vectors.owner_id and e.model_id = _newer_vectors.model_id
      and e.doc > after_doc
      -- Then the covering index has it.
      and @extschema:vector@.vector_dims(e.embedding) <= 1300;
  else
    return query
    select count(*), max(e.doc)
    from memoriesdb.memory_embeddings as e
    where e.owner_id = _newer_vectors.owner_id and e.model_id = _newer_vectors.model_id
      and e.doc > after_doc;
  end if;
end;
$function$;

alter function memoriesdb._newer_vectors(uuid, uuid, bigint) owner to memoriesdb_definer;
revoke all on function memoriesdb._newer_vectors(uuid, uuid, bigint) from public;
comment on function memoriesdb._newer_vectors(uuid, uuid, bigint) is
'How many vectors of an owner by a model have a doc above after_doc, and the last of them.';
