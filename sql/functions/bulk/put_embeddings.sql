-- Only where there is none of this text: what a worker has made is never replaced.
create or replace function memoriesdb.put_embeddings(
  memory_ids uuid[],
  model text,
  text_hashes bytea[],
  embeddings @extschema:vector@.vector[]
)
returns setof uuid
language plpgsql
volatile
parallel unsafe
security definer -- users write no vectors and no jobs; only of the user's own memories
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_user_id uuid := memoriesdb._require_scope('write');
  v_model record;
  v_ids uuid[];
begin
  if cardinality(memory_ids) is distinct from cardinality(text_hashes)
     or cardinality(memory_ids) is distinct from cardinality(embeddings) then
    raise exception 'the arrays differ in length' using
      errcode = 'MD110', hint = 'Give one hash and one vector for each memory.';
  end if;
  select o.id, o.dimensions into v_model
  from memoriesdb.embedding_models as o
  where o.name = put_embeddings.model
    -- What is being dropped takes nothing more.
    and o.is_enabled;
  if not found then
    raise exception 'unknown model' using
      errcode = 'MD110', hint = 'Give a name out of embedding_models.';
  end if;
  if exists (
    select from unnest(embeddings) as g (embedding)
    where @extschema:vector@.vector_dims(g.embedding) is distinct from v_model.dimensions
      -- As a halfvec keeps it: a tiny number is zero there.
      or not (
        select bool_and(abs(x) <= 65504) and bool_or(abs(x) > 2 ^ -25)
        from unnest(g.embedding::real[]) as x
      )
  ) then
    raise exception 'not a vector of the model' using
      errcode = 'MD109',
      detail = format('The model has %s dimensions; zero and what is beyond half precision are no '
        'vectors either.', v_model.dimensions),
      hint = 'Leave the vector out: a worker embeds the text.';
  end if;
  with locked as materialized (
    select m.id, m.seq, m.embedding_text_hash, g.embedding
    from unnest(memory_ids, text_hashes, embeddings) as g (memory_id, text_hash, embedding)
    join memoriesdb.memories as m
      on m.owner_id = v_user_id and m.id = g.memory_id and m.embedding_text_hash = g.text_hash
    where not m.is_encrypted
    order by m.id
    for no key update of m
  ),

  kept as (
    insert into memoriesdb.memory_embeddings as e (
      owner_id, memory_id, model_id, doc, embedding, text_hash
    )
    select distinct on (l.id)
      v_user_id, l.id, v_model.id, l.seq, l.embedding::@extschema:vector@.halfvec,
      l.embedding_text_hash
    from locked as l
    order by l.id
    on conflict on constraint memory_embeddings_pkey do update
    set embedding = excluded.embedding, text_hash = excluded.text_hash,
      created_at = clock_timestamp()
    where e.text_hash <> excluded.text_hash
    returning e.memory_id
  )

  select array_agg(k.memory_id) into v_ids from kept as k;
  -- As when a worker hands one in: nothing waits for these any more, what is held is left to its
  -- holder.
  delete from memoriesdb.embedding_schedule as j
  where j.job_id in (
    select k.job_id
    from memoriesdb.embedding_schedule as k
    where k.owner_id = v_user_id and k.memory_id = any (v_ids) and k.model_id = v_model.id
      and (k.worker is null or k.available_at <= clock_timestamp())
    for update skip locked
  );
  return query select k.id from unnest(v_ids) as k (id);
end;
$function$;

alter function memoriesdb.put_embeddings(uuid[], text, bytea[], @extschema:vector@.vector[])
owner to memoriesdb_definer;
revoke all on function memoriesdb.put_embeddings(
  uuid[], text, bytea[], @extschema:vector@.vector[]
) from public;
grant execute on function memoriesdb.put_embeddings(
  uuid[], text, bytea[], @extschema:vector@.vector[]
) to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb.put_embeddings(
  uuid[], text, bytea[], @extschema:vector@.vector[]
) is
'Give one''s own plain memories the vectors that the model of this name (embedding_models.name) '
'has made of their texts elsewhere, as an export has them. Only where text_hashes has the '
'memory''s embedding_text_hash and there is no vector of this text yet; their jobs are done then, '
'all others stay queued. Returns the memories that have got one. Raises MD109, MD110.';
