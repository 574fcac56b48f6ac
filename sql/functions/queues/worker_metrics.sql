create or replace function memoriesdb.worker_metrics()
returns table (
  queue text, pending bigint, claimed bigint, dead bigint, oldest_seconds double precision
)
language plpgsql
volatile
parallel unsafe
security definer -- counts rows that workers cannot read
set search_path = pg_catalog, pg_temp
as $function$
declare
  -- Every worker asks with every heartbeat: of a long queue some pages stand for all.
  v_percent double precision := least(100, 100 * 200000 / (
    select greatest(c.reltuples, 1) from pg_class as c
    where c.oid = 'memoriesdb.embedding_schedule'::regclass
  ));
begin
  return query
  select
    'embedding',
    round(count(*) filter (where j.dead_at is null and j.worker is null) * 100 / v_percent)::bigint,
    round(count(*) filter (where j.worker is not null) * 100 / v_percent)::bigint,
    (
      select count(*) from memoriesdb.embedding_schedule as d
      where d.dead_at is not null and d.dropped_at is null
    ),
    extract(
      epoch from clock_timestamp() - min(j.enqueued_at) filter (where j.dead_at is null)
    )::double precision
  from memoriesdb.embedding_schedule as j tablesample system (v_percent)
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
end;
$function$;

alter function memoriesdb.worker_metrics() owner to memoriesdb_definer;
revoke all on function memoriesdb.worker_metrics() from public;
grant execute on function memoriesdb.worker_metrics() to memoriesdb_worker, memoriesdb_admin;
comment on function memoriesdb.worker_metrics() is
'Depth of the queues for metrics: waiting, claimed and dead jobs, and the age of the oldest one '
'in seconds (null where none waits). vector_indexes: those to build or to drop. Of more than '
'200,000 embedding jobs an estimate, from a part of the pages.';
