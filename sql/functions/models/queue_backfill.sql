-- One transaction a batch, by the primary key from where the last one ended: what has its vector or
-- a job is passed over, so that it may be broken off and begun again at any time.
create or replace function memoriesdb.queue_backfill(
  name text,
  batch integer default 1000,
  after_owner_id uuid default null,
  after_memory_id uuid default null
)
returns table (owner_id uuid, memory_id uuid, seen integer, queued integer)
language plpgsql
volatile
parallel unsafe
security definer -- reads all memories' hashes and writes the queue
set search_path = pg_catalog, pg_temp
set lock_timeout = '5s' -- somebody else queues the same memory: it is done again later
set plan_cache_mode = force_generic_plan
set enable_seqscan = off -- each batch would read a whole table
set enable_hashjoin = off
set enable_mergejoin = off
as $function$
#variable_conflict use_column
declare
  v_model_id uuid := (memoriesdb._enabled_model(name)).id;
  v_first uuid := '00000000-0000-0000-0000-000000000000'::uuid;
  v_owner_ids uuid[];
  v_memory_ids uuid[];
begin
  if batch is null or batch not between 1 and 100000 then
    raise exception 'batch is out of range' using
      errcode = 'MD108', hint = 'Give a number from 1 to 100000.';
  end if;
  select
    coalesce(array_agg(w.owner_id order by w.owner_id, w.id), '{}'),
    coalesce(array_agg(w.id order by w.owner_id, w.id), '{}')
  into v_owner_ids, v_memory_ids
  from (
    select m.owner_id, m.id
    from memoriesdb.memories as m
    where (m.owner_id, m.id)
      > (coalesce(after_owner_id, v_first), coalesce(after_memory_id, v_first))
    order by m.owner_id, m.id
    limit queue_backfill.batch
  ) as w;

  with lacking as materialized (
    select m.owner_id, m.id, m.embedding_text_hash
    from unnest(v_owner_ids, v_memory_ids) as w (owner_id, id)
    join memoriesdb.memories as m on m.owner_id = w.owner_id and m.id = w.id
    where not m.is_encrypted
      and not exists (
        select from memoriesdb.memory_embeddings as e
        where e.owner_id = m.owner_id and e.memory_id = m.id and e.model_id = v_model_id
          and e.text_hash = m.embedding_text_hash
      )
      and not exists (
        select from memoriesdb.embedding_schedule as j
        where j.owner_id = m.owner_id and j.memory_id = m.id and j.model_id = v_model_id
      )
    -- Whoever is changing a memory at this moment queues its new text himself: to wait for the job
    -- that he has written would be to wait for the end of his transaction.
    for share of m skip locked
  )

  insert into memoriesdb.embedding_schedule (owner_id, memory_id, model_id, text_hash, priority)
  select l.owner_id, l.id, v_model_id, l.embedding_text_hash, 100
  from lacking as l
  order by l.owner_id, l.id
  on conflict (owner_id, memory_id, model_id) where lease_token is null and dead_at is null
  do nothing;
  get diagnostics queued = row_count;
  seen := cardinality(v_owner_ids);
  owner_id := v_owner_ids[seen];
  memory_id := v_memory_ids[seen];
  return next;
end;
$function$;

alter function memoriesdb.queue_backfill(text, integer, uuid, uuid) owner to memoriesdb_definer;
revoke all on function memoriesdb.queue_backfill(text, integer, uuid, uuid) from public;
grant execute on function memoriesdb.queue_backfill(text, integer, uuid, uuid)
to memoriesdb_admin;
comment on function memoriesdb.queue_backfill(text, integer, uuid, uuid) is
'Look at the next memories (batch, 1 to 100000) after one, or at the first ones, and queue at low '
'priority those in plain text that have neither a vector of their last text by this model nor a '
'job (memoriesdb_admin). Returns the last one, from where to go on, how many were seen (fewer '
'than batch: that was all) and how many were queued. Raises MD108, MD510, and 55P03 where it would '
'have to wait for longer than five seconds: it is done again.';
