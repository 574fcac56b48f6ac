create or replace function memoriesdb.put_embedding(
  memory_id uuid, embedding @extschema:vector@.vector
)
returns void
language plpgsql
volatile
parallel unsafe
security definer -- users write no vectors; the owner is checked in the first statement
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_user_id uuid := memoriesdb._require_scope('write');
  v_memory memoriesdb.memories;
  v_model record;
begin
  select m.* into v_memory
  from memoriesdb.memories as m
  where m.owner_id = v_user_id and m.id = put_embedding.memory_id
  for no key update;
  if not found then
    perform memoriesdb._raise_not_found(put_embedding.memory_id);
  end if;
  if not v_memory.is_encrypted then
    raise exception 'the memory is not encrypted' using
      errcode = 'MD605',
      detail = format('Memory %s is embedded by the workers.', v_memory.id),
      hint = 'Give vectors for encrypted memories alone.';
  end if;
  if embedding is null then
    delete from memoriesdb.memory_embeddings as e
    where e.owner_id = v_user_id and e.memory_id = v_memory.id;
    return;
  end if;
  select a.model_id, a.dimensions into v_model from memoriesdb._active_model() as a;
  if @extschema:vector@.vector_dims(embedding) is distinct from v_model.dimensions
     -- As a halfvec keeps it: a tiny number is zero there.
     or not (
       select bool_and(abs(x) <= 65504) and bool_or(abs(x) > 2 ^ -25)
       from unnest(embedding::real[]) as x
     ) then
    raise exception 'not a vector of the active model' using
      errcode = 'MD109',
      detail = format('It has %s dimensions, the active model %s; zero and what is beyond half '
        'precision are no vectors either.',
        @extschema:vector@.vector_dims(embedding), coalesce(v_model.dimensions::text, 'none')),
      hint = 'Embed the text with the active model (embedding_models.is_active).';
  end if;
  insert into memoriesdb.memory_embeddings (
    owner_id, memory_id, model_id, doc, embedding, text_hash
  )
  values (
    v_user_id, v_memory.id, v_model.model_id, v_memory.seq,
    embedding::@extschema:vector@.halfvec, v_memory.embedding_text_hash
  )
  on conflict on constraint memory_embeddings_pkey do update
  set embedding = excluded.embedding, text_hash = excluded.text_hash,
    created_at = clock_timestamp();
end;
$function$;

alter function memoriesdb.put_embedding(uuid, @extschema:vector@.vector)
owner to memoriesdb_definer;
revoke all on function memoriesdb.put_embedding(uuid, @extschema:vector@.vector) from public;
grant execute on function memoriesdb.put_embedding(uuid, @extschema:vector@.vector)
to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb.put_embedding(uuid, @extschema:vector@.vector) is
'Give one of one''s own encrypted memories a vector by the active model, so that recall finds it '
'by meaning; null removes it. A vector is not encrypted, and much of a text can be guessed from '
'it: whoever reads the table learns roughly what the memory says. Raises MD109, MD201, MD605.';
