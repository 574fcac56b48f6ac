create or replace function memoriesdb.tg_memories__queue_embedding()
returns trigger
language plpgsql
volatile
parallel unsafe
security definer -- nobody but the definer writes embedding_schedule
set search_path = pg_catalog, pg_temp
as $function$
begin
  -- DO UPDATE locks the waiting job until this transaction ends; DO NOTHING lost jobs: a worker
  -- claimed the job, read the old text, and then this transaction committed the new one. Without a
  -- change of value, since the lock alone matters.
  if tg_op = 'INSERT' and not exists (select from new_rows offset 1) then
    -- One memory, as most writes have: in a shorter statement, which takes half as long.
    insert into memoriesdb.embedding_schedule (owner_id, memory_id, model_id, text_hash, turn)
    select
      n.owner_id, n.id, m.id, n.embedding_text_hash,
      memoriesdb._turn(n.owner_id, m.id, 0::smallint)
    from new_rows as n
    cross join memoriesdb.embedding_models as m
    where m.is_enabled and not n.is_encrypted
    on conflict (owner_id, memory_id, model_id) where lease_token is null and dead_at is null
    do update set text_hash = excluded.text_hash, priority = 0;
  elsif tg_op = 'INSERT' then
    -- A turn is looked up once for each owner and model; a job that is queued without one would
    -- look for itself.
    insert into memoriesdb.embedding_schedule (owner_id, memory_id, model_id, text_hash, turn)
    select
      n.owner_id, n.id, l.model_id, n.embedding_text_hash,
      l.turn - 1 + row_number() over (partition by n.owner_id, l.model_id order by n.seq)
    from new_rows as n
    join (
      select w.owner_id, m.id as model_id, memoriesdb._turn(w.owner_id, m.id, 0::smallint) as turn
      from (select distinct r.owner_id from new_rows as r) as w
      cross join memoriesdb.embedding_models as m
      where m.is_enabled
    ) as l on l.owner_id = n.owner_id
    where not n.is_encrypted
    order by n.seq
    on conflict (owner_id, memory_id, model_id) where lease_token is null and dead_at is null
    do update set text_hash = excluded.text_hash, priority = 0;
  else
    insert into memoriesdb.embedding_schedule (owner_id, memory_id, model_id, text_hash)
    select n.owner_id, n.id, m.id, n.embedding_text_hash
    from new_rows as n
    join old_rows as o on o.id = n.id
    cross join memoriesdb.embedding_models as m
    where m.is_enabled and not n.is_encrypted
      and (o.embedding_text_hash <> n.embedding_text_hash or o.is_encrypted)
    order by n.seq
    on conflict (owner_id, memory_id, model_id) where lease_token is null and dead_at is null
    do update set text_hash = excluded.text_hash, priority = 0;
    -- What was plain and is encrypted now: its vector tells what it said, and a job would embed a
    -- ciphertext. A worker that holds the job is refused.
    if exists (select from new_rows as n where n.is_encrypted) then
      delete from memoriesdb.embedding_schedule as j
      using new_rows as n, old_rows as o
      where n.is_encrypted and o.id = n.id and not o.is_encrypted
        and j.owner_id = n.owner_id and j.memory_id = n.id;
      delete from memoriesdb.memory_embeddings as e
      using new_rows as n, old_rows as o
      where n.is_encrypted and o.id = n.id and not o.is_encrypted
        and e.owner_id = n.owner_id and e.memory_id = n.id;
    end if;
  end if;
  return null;
end;
$function$;

alter function memoriesdb.tg_memories__queue_embedding() owner to memoriesdb_definer;
revoke all on function memoriesdb.tg_memories__queue_embedding() from public;
comment on function memoriesdb.tg_memories__queue_embedding() is
'Queues new and changed texts for every enabled model, in the writer''s transaction: no commit, '
'no job. Nothing that is encrypted; vectors and jobs of what becomes so are removed.';
