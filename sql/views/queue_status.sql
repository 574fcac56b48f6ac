-- Admins, auditors and workers see all jobs, a user those of his own memories; the view reads the
-- tables as its owner. Two branches, of which the planner runs one: a user's is read by his index,
-- however many jobs others have.
create or replace view memoriesdb.queue_status with (security_barrier) as
select
  'embedding'::text as queue,
  m.name as what,
  j.due,
  j.waiting,
  j.claimed,
  j.dead,
  j.oldest_at,
  j.last_error,
  j.expired,
  clock_timestamp() - j.oldest_at as oldest_age,
  r.per_minute,
  -- Of all models, since they share the workers.
  make_interval(
    secs => 60 * sum(j.due + j.waiting + j.claimed) over ()::double precision / r.per_minute
  ) as eta
from (
  select
    q.model_id,
    count(*) filter (where q.dead_at is null and q.worker is null and q.is_due) as due,
    count(*) filter (where q.dead_at is null and q.worker is null and not q.is_due) as waiting,
    count(*) filter (where q.worker is not null) as claimed,
    count(*) filter (where q.dead_at is not null and q.dropped_at is null) as dead,
    count(*) filter (where q.worker is not null and q.is_due) as expired,
    min(q.enqueued_at) filter (where q.dead_at is null) as oldest_at,
    (
      array_agg(q.last_error order by q.job_id desc)
      filter (where q.last_error is not null and q.dropped_at is null)
    )[1] as last_error
  from (
    select
      a.job_id, a.model_id, a.worker, a.enqueued_at, a.dead_at, a.dropped_at, a.last_error,
      a.turn is not null or a.available_at <= statement_timestamp() as is_due
    from memoriesdb.embedding_schedule as a
    where (select memoriesdb._sees_all_queues())
    union all
    select
      o.job_id, o.model_id, o.worker, o.enqueued_at, o.dead_at, o.dropped_at, o.last_error,
      o.turn is not null or o.available_at <= statement_timestamp() as is_due
    from memoriesdb.embedding_schedule as o
    where
      o.owner_id = (select memoriesdb._user_with_scope('read'))
      and not (select memoriesdb._sees_all_queues())
  ) as q
  group by q.model_id
) as j
inner join memoriesdb.embedding_models as m on j.model_id = m.id
cross join (
  -- Not for users: it tells what others do.
  select
    nullif(sum(
      (h.jobs_done - h.sampled_done) * 60 / extract(epoch from h.seen_at - h.sampled_at)
    ), 0)::double precision as per_minute
  from memoriesdb.worker_heartbeats as h
  where
    (select memoriesdb._sees_all_queues())
    and h.duty = 'embedding'
    and h.seen_at > statement_timestamp() - interval '2 minutes'
    and h.seen_at > h.sampled_at
) as r
where j.due + j.waiting + j.claimed + j.dead > 0
union all
select
  'indexing' as queue,
  'words' as what,
  count(*) as due,
  0 as waiting,
  0 as claimed,
  0 as dead,
  min(s.enqueued_at) as oldest_at,
  null as last_error,
  0 as expired,
  clock_timestamp() - min(s.enqueued_at) as oldest_age,
  null as per_minute,
  null as eta
from memoriesdb.search_schedule as s
where
  (select memoriesdb._sees_all_queues())
  or s.owner_id = (select memoriesdb._user_with_scope('read'))
having count(*) > 0
union all
select
  'vindexing' as queue,
  'slice ' || v.slice as what,
  count(*) filter (
    where v.dead_at is null and v.worker is null and v.available_at <= clock_timestamp()
  ) as due,
  count(*) filter (
    where v.dead_at is null and v.worker is null and v.available_at > clock_timestamp()
  ) as waiting,
  count(*) filter (where v.worker is not null) as claimed,
  count(*) filter (where v.dead_at is not null) as dead,
  min(v.enqueued_at) filter (where v.dead_at is null) as oldest_at,
  (
    array_agg(v.last_error order by v.job_id desc) filter (where v.last_error is not null)
  )[1] as last_error,
  count(*) filter (
    where v.worker is not null and v.available_at <= clock_timestamp()
  ) as expired,
  clock_timestamp() - min(v.enqueued_at) filter (where v.dead_at is null) as oldest_age,
  null as per_minute,
  null as eta
from memoriesdb.vindexing_schedule as v
where (select memoriesdb._sees_all_queues())
group by v.slice;

alter view memoriesdb.queue_status owner to memoriesdb_owner;
comment on view memoriesdb.queue_status is
'What waits in the queues: for admins, auditors and workers all of it, for a user what waits of '
'his own memories. No row: nothing waits.';
comment on column memoriesdb.queue_status.queue is
'embedding, indexing (words; until then recall searches the texts themselves) or vindexing.';
comment on column memoriesdb.queue_status.what is
'Name of the model, words, or slice of memory_graph.';
comment on column memoriesdb.queue_status.due is 'Jobs that can be claimed now.';
comment on column memoriesdb.queue_status.waiting is 'Jobs that wait for the end of a back-off.';
comment on column memoriesdb.queue_status.claimed is 'Jobs that a worker has.';
comment on column memoriesdb.queue_status.dead is
'Dead letters: given up, until requeue_embedding() or drop_dead_letter().';
comment on column memoriesdb.queue_status.oldest_at is
'When the oldest job that is not dead was queued.';
comment on column memoriesdb.queue_status.last_error is
'What went wrong last, of the newest job that failed.';
comment on column memoriesdb.queue_status.expired is
'Those of the claimed whose lease has run out: their worker is lost or too slow, and the next '
'claim or heartbeat takes them back.';
comment on column memoriesdb.queue_status.oldest_age is
'How long the oldest job that is not dead has waited.';
comment on column memoriesdb.queue_status.per_minute is
'Embeddings a minute, for all models, as the workers'' heartbeats of the last five minutes have '
'it. Null for users, for other queues, and where none was made.';
comment on column memoriesdb.queue_status.eta is
'When the embedding jobs of all models will be done at that rate.';
