create or replace function memoriesdb.worker_metrics()
returns table (
  queue text, pending bigint, claimed bigint, dead bigint, oldest_seconds double precision
)
language sql
stable
parallel safe
security definer -- counts rows that workers cannot read
set search_path = pg_catalog, pg_temp
as $function$
  select
    'embedding', count(*) filter (where j.dead_at is null and j.worker is null),
    count(*) filter (where j.worker is not null), count(*) filter (where j.dead_at is not null),
    extract(
      epoch from clock_timestamp() - min(j.enqueued_at) filter (where j.dead_at is null)
    )::double precision
  from memoriesdb.embedding_schedule as j
  union all
  select
    'indexing', count(*), 0, 0,
    extract(epoch from clock_timestamp() - min(s.enqueued_at))::double precision
  from memoriesdb.search_schedule as s
  union all
  select
    'vindexing', count(*) filter (where v.dead_at is null and v.worker is null),
    count(*) filter (where v.worker is not null), count(*) filter (where v.dead_at is not null),
    extract(
      epoch from clock_timestamp() - min(v.enqueued_at) filter (where v.dead_at is null)
    )::double precision
  from memoriesdb.vindexing_schedule as v
  union all
  -- Without an age: where there is no maintainer's login, they wait for ever and nothing is amiss.
  select
    'vector_indexes', count(*) filter (where i.state in ('wanted', 'retired') and i.worker is null),
    count(*) filter (where i.worker is not null and i.state <> 'ready'),
    count(*) filter (where i.state = 'failed'), null
  from memoriesdb.memory_vector_indexes as i;
$function$;

alter function memoriesdb.worker_metrics() owner to memoriesdb_definer;
revoke all on function memoriesdb.worker_metrics() from public;
grant execute on function memoriesdb.worker_metrics() to memoriesdb_worker, memoriesdb_admin;
comment on function memoriesdb.worker_metrics() is
'Depth of the queues for metrics: waiting, claimed and dead jobs, and the age of the oldest one '
'in seconds (null where none waits). vector_indexes: those to build or to drop.';
