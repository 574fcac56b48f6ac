-- Admins, auditors and workers see all jobs, a user those of his own memories; the view reads the
-- tables as its owner.
create or replace view memoriesdb.queue_status with (security_barrier) as
select
  'embedding'::text as queue,
  m.name as what,
  count(*) filter (
    where j.dead_at is null and j.worker is null and j.available_at <= clock_timestamp()
  ) as due,
  count(*) filter (
    where j.dead_at is null and j.worker is null and j.available_at > clock_timestamp()
  ) as waiting,
  count(*) filter (where j.worker is not null) as claimed,
  count(*) filter (where j.dead_at is not null) as dead,
  min(j.enqueued_at) filter (where j.dead_at is null) as oldest_at,
  (
    array_agg(j.last_error order by j.job_id desc) filter (where j.last_error is not null)
  )[1] as last_error
from memoriesdb.embedding_schedule as j
inner join memoriesdb.embedding_models as m on j.model_id = m.id
where
  (select memoriesdb._sees_all_queues())
  or j.owner_id = (select memoriesdb._user_with_scope('read'))
group by m.name
union all
select
  'indexing' as queue,
  'words' as what,
  count(*) as due,
  0 as waiting,
  0 as claimed,
  0 as dead,
  min(s.enqueued_at) as oldest_at,
  null as last_error
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
  )[1] as last_error
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
'Dead letters: given up, until requeue_embedding().';
comment on column memoriesdb.queue_status.oldest_at is
'When the oldest job that is not dead was queued.';
comment on column memoriesdb.queue_status.last_error is
'What went wrong last, of the newest job that failed.';
