-- A short transaction: the work is done outside of any. What it costs depends on how much it
-- claims, and neither on how many jobs there are nor on how many are done.
create or replace function memoriesdb.claim_embeddings(
  worker text,
  batch integer,
  lease interval default '2 minutes',
  paused uuid[] default '{}',
  is_ahead boolean default false
)
returns table (
  job_id bigint,
  lease_token bigint,
  owner_id uuid,
  memory_id uuid,
  model_id uuid,
  model text,
  provider text,
  endpoint text,
  dimensions integer,
  max_tokens integer,
  input text,
  text_hash bytea,
  attempt integer,
  lease_until timestamptz
)
language plpgsql
volatile
parallel unsafe
security definer -- workers have no rights on tables
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off -- along the indexes, whatever is known of the tables
set enable_bitmapscan = off
set enable_sort = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off -- what is off above counts as cost, and to compile takes 20 times as long as to run
as $function$
declare
  v_began_at timestamptz;
  v_token bigint;
  v_walk_seconds double precision;
  v_due_at timestamptz;
  v_model record;
  v_held bigint;
  v_oldest bigint;
  v_ids bigint[] := '{}'::bigint[];
begin
  perform memoriesdb._check_claim(worker, batch, lease);
  -- Claims of a model with a limit are made one after the other, and count what the one before has
  -- claimed. Its token comes after the lock, so that a later one is greater.
  perform memoriesdb._lock_limited_models();
  v_token := nextval('memoriesdb.lease_token_seq');
  v_began_at := clock_timestamp();
  if v_token % 64 = 0 then
    perform memoriesdb._forget_batches();
  end if;
  select p.due_at, p.walk_seconds into v_due_at, v_walk_seconds
  from memoriesdb._place_in_line() as p;
  select p.due_at into v_due_at
  from memoriesdb._put_in_line(v_due_at, greatest(batch, 16)) as p;

  -- Models take turns by lot: a batch is of one as long as that has enough.
  for v_model in
    select o.id, o.max_concurrency
    from memoriesdb.embedding_models as o
    where o.is_enabled and o.id <> all (paused) and (o.max_concurrency is null or not is_ahead)
    order by hashtextextended(o.id::text, v_token)
  loop
    v_oldest := null;
    if v_model.max_concurrency is not null then
      select h.held, coalesce(h.oldest_token, v_token) into v_held, v_oldest
      from memoriesdb._held_batches(v_model.id) as h;
      continue when v_held >= v_model.max_concurrency;
    end if;
    v_ids := v_ids || memoriesdb._claim_of_model(
      v_model.id, batch - cardinality(v_ids), worker, v_token, lease,
      v_oldest, v_due_at, v_walk_seconds, v_began_at
    );
    exit when cardinality(v_ids) >= batch;
  end loop;

  return query
  select
    c.job_id, v_token, c.owner_id, c.memory_id, c.model_id, o.model, o.provider, o.endpoint,
    o.dimensions, o.max_tokens,
    o.passage_prefix || memoriesdb._embedding_text(m.content, m.metadata, m.occurred_at),
    m.embedding_text_hash, c.attempts, c.available_at
  from unnest(v_ids) with ordinality as i (job_id, place)
  join memoriesdb.embedding_schedule as c on c.job_id = i.job_id
  join memoriesdb.memories as m on m.owner_id = c.owner_id and m.id = c.memory_id
  join memoriesdb.embedding_models as o on o.id = c.model_id
  order by i.place;
end;
$function$;

alter function memoriesdb.claim_embeddings(text, integer, interval, uuid[], boolean)
owner to memoriesdb_definer;
revoke all on function memoriesdb.claim_embeddings(text, integer, interval, uuid[], boolean)
from public;
grant execute on function memoriesdb.claim_embeddings(text, integer, interval, uuid[], boolean)
to memoriesdb_worker;
comment on function memoriesdb.claim_embeddings(text, integer, interval, uuid[], boolean) is
'Take up to batch jobs (1 to 1000) for a time (lease, 1 second to 1 hour): written memories before '
'backfills, which have one place in sixteen meanwhile, and fairly between owners. Of a model with '
'max_concurrency no more batches at once than that, and none of the models that are paused (their '
'provider does not work), nor, where it is_ahead of the batch in hand, of those with a limit. '
'Returns the text to embed, with the model''s prefix, and the fencing token that the answer must '
'carry. Jobs whose lease ran out stand in line again. Raises MD108, and MD110 also where a model '
'has a limit and the transaction is not READ COMMITTED: it would not see what others hold.';
