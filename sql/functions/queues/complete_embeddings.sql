create or replace function memoriesdb.complete_embeddings(
  worker text,
  job_ids bigint[],
  lease_tokens bigint[],
  text_hashes bytea[],
  embeddings @extschema:vector@.vector[]
)
returns table (job_id bigint, outcome text)
language plpgsql
volatile
parallel unsafe
security definer -- workers have no rights on tables
set search_path = pg_catalog, pg_temp
set jit = off
as $function$
declare
  v_answer record;
  v_job memoriesdb.embedding_schedule;
  v_dimensions integer;
  v_text_hash bytea;
  v_is_encrypted boolean;
  v_doc bigint;
  v_last_id bigint;
  -- What is stored at the end in one statement: its audit for each row apart took longer than all
  -- the rest.
  v_stored bigint[] := '{}'::bigint[];
  v_owner_ids uuid[] := '{}'::uuid[];
  v_memory_ids uuid[] := '{}'::uuid[];
  v_model_ids uuid[] := '{}'::uuid[];
  v_docs bigint[] := '{}'::bigint[];
  v_numbers bigint[] := '{}'::bigint[];
begin
  if cardinality(job_ids) is distinct from cardinality(lease_tokens)
     or cardinality(job_ids) is distinct from cardinality(text_hashes)
     or cardinality(job_ids) is distinct from cardinality(embeddings) then
    raise exception 'the arrays differ in length' using
      errcode = 'MD110', hint = 'Give one lease token, one hash and one vector for each job.';
  end if;
  for v_answer in
    select a.job_id, a.lease_token, a.text_hash, a.embedding, a.number
    from unnest(
      job_ids, lease_tokens, text_hashes, embeddings
    ) with ordinality as a (job_id, lease_token, text_hash, embedding, number)
    order by a.job_id, a.number
  loop
    job_id := v_answer.job_id;
    select j.* into v_job
    from memoriesdb.embedding_schedule as j
    where j.job_id = v_answer.job_id and j.lease_token = v_answer.lease_token
      and j.worker = complete_embeddings.worker and j.available_at > clock_timestamp()
      and j.dead_at is null
    for update;
    if not found or v_last_id = v_answer.job_id then
      outcome := 'refused';
      return next;
      continue;
    end if;

    select o.dimensions into v_dimensions from memoriesdb.embedding_models as o
    where o.id = v_job.model_id;
    -- As a halfvec keeps it: a tiny number is zero there, and a zero vector is at no distance from
    -- anything.
    if v_answer.embedding is null
       or @extschema:vector@.vector_dims(v_answer.embedding) <> v_dimensions
       or not (
         select bool_and(abs(x) <= 65504) and bool_or(abs(x) > 2 ^ -25)
         from unnest(v_answer.embedding::real[]) as x
       ) then
      perform memoriesdb.fail_embedding(worker, v_job.job_id, v_job.lease_token, format(
        'the model gave %s dimensions with norm %s, expected %s and a norm that a halfvec can keep',
        coalesce(@extschema:vector@.vector_dims(v_answer.embedding), 0),
        coalesce(@extschema:vector@.vector_norm(v_answer.embedding), 0), v_dimensions
      ));
      outcome := 'invalid';
      return next;
      continue;
    end if;

    -- Share-locked, so that the text stays the embedded one until this commits; a writer who has
    -- the row is not waited for.
    select m.embedding_text_hash, m.is_encrypted, m.seq into v_text_hash, v_is_encrypted, v_doc
    from memoriesdb.memories as m
    where m.owner_id = v_job.owner_id and m.id = v_job.memory_id
    for share skip locked;
    if v_is_encrypted then
      -- Queued by a backfill that began before the text was encrypted.
      delete from memoriesdb.embedding_schedule as j where j.job_id = v_job.job_id;
      outcome := 'refused';
      return next;
      continue;
    end if;
    if not found or v_text_hash <> v_answer.text_hash then
      perform memoriesdb._requeue(v_job, interval '1 second');
      outcome := 'changed';
      return next;
      continue;
    end if;

    v_last_id := v_job.job_id;
    v_stored := v_stored || v_job.job_id;
    v_owner_ids := v_owner_ids || v_job.owner_id;
    v_memory_ids := v_memory_ids || v_job.memory_id;
    v_model_ids := v_model_ids || v_job.model_id;
    v_docs := v_docs || v_doc;
    v_numbers := v_numbers || v_answer.number;
    outcome := 'stored';
    return next;
  end loop;

  if v_stored = '{}' then
    return;
  end if;
  insert into memoriesdb.memory_embeddings as e (
    owner_id, memory_id, model_id, doc, embedding, text_hash
  )
  select distinct on (s.owner_id, s.memory_id, s.model_id)
    s.owner_id, s.memory_id, s.model_id, s.doc,
    a.embedding::@extschema:vector@.halfvec, a.text_hash
  from unnest(v_owner_ids, v_memory_ids, v_model_ids, v_docs, v_numbers)
    as s (owner_id, memory_id, model_id, doc, number)
  join unnest(text_hashes, embeddings) with ordinality as a (text_hash, embedding, number)
    on a.number = s.number
  order by s.owner_id, s.memory_id, s.model_id
  on conflict on constraint memory_embeddings_pkey do update
  set embedding = excluded.embedding, text_hash = excluded.text_hash,
    created_at = clock_timestamp();
  delete from memoriesdb.embedding_schedule as j where j.job_id = any (v_stored);
  -- The texts cannot change before this commits, so whatever else waits for these memories, dead
  -- letters of former texts too, is done with it; what somebody holds is left to him.
  delete from memoriesdb.embedding_schedule as j
  where j.job_id in (
    select k.job_id
    from unnest(v_owner_ids, v_memory_ids, v_model_ids) as s (owner_id, memory_id, model_id)
    cross join lateral (
      select w.job_id from memoriesdb.embedding_schedule as w
      where w.owner_id = s.owner_id and w.memory_id = s.memory_id and w.model_id = s.model_id
        and (w.worker is null or w.available_at <= clock_timestamp())
      for update skip locked
    ) as k
  );
end;
$function$;

alter function memoriesdb.complete_embeddings(
  text, bigint[], bigint[], bytea[], @extschema:vector@.vector[]
) owner to memoriesdb_definer;
revoke all on function memoriesdb.complete_embeddings(
  text, bigint[], bigint[], bytea[], @extschema:vector@.vector[]
) from public;
grant execute on function memoriesdb.complete_embeddings(
  text, bigint[], bigint[], bytea[], @extschema:vector@.vector[]
)
to memoriesdb_worker;
comment on function memoriesdb.complete_embeddings(
  text, bigint[], bigint[], bytea[], @extschema:vector@.vector[]
) is
'Hand in vectors for claimed jobs. outcome: stored; changed (the text is another one now, '
'queued again); refused (the lease has run out or belongs to a later claim, or the memory is '
'encrypted now: nothing was written); invalid (wrong dimension, or a zero vector: counted as a '
'failure). Raises MD110 for arrays of different length.';
