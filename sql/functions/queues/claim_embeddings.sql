-- A short transaction: the work is done outside of any. Goes round the owners from a random place,
-- so that one owner's million jobs do not starve another's one, and skips what others hold.
create or replace function memoriesdb.claim_embeddings(
  worker text, batch integer, lease interval default '2 minutes'
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
as $function$
declare
  v_max_attempts integer := memoriesdb._setting('max_attempts')::integer;
  v_token bigint := nextval('memoriesdb.lease_token_seq');
  -- The half of a UUID that is random in every version: owners' places are spread evenly over it.
  v_start bytea := substring(uuid_send(gen_random_uuid()) from 9);
  v_visits integer := greatest(claim_embeddings.batch, 8) * 4;
  v_at timestamptz := clock_timestamp();
begin
  perform memoriesdb._check_claim(worker, batch, lease);

  return query
  with recursive upwards as (
    -- A loose scan of the index, one probe an owner: from a random place upwards, and then from
    -- the first one.
    (
      select substring(uuid_send(j.owner_id) from 9) as lane, 1 as visited
      from memoriesdb.embedding_schedule as j
      where j.dead_at is null and substring(uuid_send(j.owner_id) from 9) >= v_start
      order by substring(uuid_send(j.owner_id) from 9)
      limit 1
    )
    union all
    select n.lane, r.visited + 1
    from upwards as r
    cross join lateral (
      select substring(uuid_send(j.owner_id) from 9) as lane
      from memoriesdb.embedding_schedule as j
      where j.dead_at is null and substring(uuid_send(j.owner_id) from 9) > r.lane
      order by substring(uuid_send(j.owner_id) from 9)
      limit 1
    ) as n
    where r.visited < v_visits
  ),

  wrapped as (
    (
      select substring(uuid_send(j.owner_id) from 9) as lane, 1 as visited
      from memoriesdb.embedding_schedule as j
      where j.dead_at is null and substring(uuid_send(j.owner_id) from 9) < v_start
      order by substring(uuid_send(j.owner_id) from 9)
      limit 1
    )
    union all
    select n.lane, r.visited + 1
    from wrapped as r
    cross join lateral (
      select substring(uuid_send(j.owner_id) from 9) as lane
      from memoriesdb.embedding_schedule as j
      where j.dead_at is null and substring(uuid_send(j.owner_id) from 9) > r.lane
        and substring(uuid_send(j.owner_id) from 9) < v_start
      order by substring(uuid_send(j.owner_id) from 9)
      limit 1
    ) as n
    where r.visited < v_visits
  ),

  turn as materialized (
    select r.lane from upwards as r
    union all
    select r.lane from wrapped as r
  ),

  due as materialized (
    -- Each owner's jobs are numbered, and all first ones come before any second one, in an order
    -- drawn anew each time.
    select d.job_id, d.place, d.priority, d.draw
    from turn as t
    cross join lateral (
      select
        j.job_id, j.priority, random() as draw,
        row_number() over (order by j.priority, j.available_at) as place
      from (
        select k.job_id, k.priority, k.available_at
        from memoriesdb.embedding_schedule as k
        where substring(uuid_send(k.owner_id) from 9) = t.lane
          and k.dead_at is null and k.available_at <= v_at
        -- The whole of the index's order: by less of it all jobs of the owner were sorted.
        order by substring(uuid_send(k.owner_id) from 9), k.priority, k.available_at
        limit claim_embeddings.batch
      ) as j
    ) as d
    order by d.place, d.priority, d.draw
    limit claim_embeddings.batch * 2
  ),

  locked as materialized (
    select j.job_id
    from due as d
    join memoriesdb.embedding_schedule as j on j.job_id = d.job_id
    where j.available_at <= v_at and j.dead_at is null
    order by d.place, d.priority, d.draw
    limit claim_embeddings.batch
    for update of j skip locked
  ),

  claimed as (
    update memoriesdb.embedding_schedule as j
    set lease_token = v_token,
      -- A text that took its worker down every time is given up here: nobody reported a failure.
      worker = case when j.attempts < v_max_attempts then claim_embeddings.worker end,
      dead_at = case when j.attempts >= v_max_attempts then v_at end,
      last_error = case when j.attempts < v_max_attempts then j.last_error
        else coalesce(j.last_error, 'the worker was lost every time') end,
      attempts = j.attempts + 1,
      available_at = v_at + claim_embeddings.lease
    from locked as l
    where j.job_id = l.job_id
    returning j.job_id, j.owner_id, j.memory_id, j.model_id, j.attempts, j.available_at, j.dead_at
  )

  select
    c.job_id, v_token, c.owner_id, c.memory_id, c.model_id, o.model, o.provider, o.endpoint,
    o.dimensions, o.max_tokens,
    o.passage_prefix || memoriesdb._embedding_text(m.content, m.metadata, m.occurred_at),
    m.embedding_text_hash, c.attempts, c.available_at
  from claimed as c
  join memoriesdb.memories as m on m.owner_id = c.owner_id and m.id = c.memory_id
  join memoriesdb.embedding_models as o on o.id = c.model_id
  where c.dead_at is null;
end;
$function$;

alter function memoriesdb.claim_embeddings(text, integer, interval) owner to memoriesdb_definer;
revoke all on function memoriesdb.claim_embeddings(text, integer, interval) from public;
grant execute on function memoriesdb.claim_embeddings(text, integer, interval) to memoriesdb_worker;
comment on function memoriesdb.claim_embeddings(text, integer, interval) is
'Take up to batch due jobs (1 to 1000) for a time (lease, 1 second to 1 hour), fairly between '
'owners. Returns the text to embed, with the model''s prefix, and the fencing token that the '
'answer must carry. Jobs whose lease ran out are due again.';
