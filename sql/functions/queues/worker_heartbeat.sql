create or replace function memoriesdb.worker_heartbeat(
  worker text,
  duty text,
  version text,
  state text default 'running',
  jobs_done bigint default 0,
  jobs_failed bigint default 0
)
returns void
language plpgsql
volatile
parallel unsafe
security definer -- workers have no rights on tables
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_breaking text := memoriesdb._setting('breaking_version') #>> '{}';
begin
  if version !~ E'^\\d+\\.\\d+\\.\\d+' then
    raise exception 'invalid version' using
      errcode = 'MD110', hint = 'Give three numbers, such as 1.2.3.';
  end if;
  if (regexp_match(version, E'^(\\d+)\\.(\\d+)\\.(\\d+)'))::integer[]
     < (regexp_match(v_breaking, E'^(\\d+)\\.(\\d+)\\.(\\d+)'))::integer[] then
    raise exception 'this worker is too old for the database' using
      errcode = 'MD506',
      detail = format(
        'It has version %s; the database changed in a breaking way with %s.', version, v_breaking
      ),
      hint = 'Upgrade the package and start the worker again.';
  end if;
  insert into memoriesdb.worker_heartbeats as h (
    worker, duty, version, state, jobs_done, jobs_failed, login, started_at, seen_at, sampled_done,
    resampled_done
  )
  values (
    worker_heartbeat.worker, worker_heartbeat.duty, worker_heartbeat.version,
    worker_heartbeat.state, worker_heartbeat.jobs_done, worker_heartbeat.jobs_failed,
    session_user, clock_timestamp(), clock_timestamp(), worker_heartbeat.jobs_done,
    worker_heartbeat.jobs_done
  )
  on conflict on constraint worker_heartbeats_pkey do update
  set version = excluded.version, state = excluded.state, jobs_done = excluded.jobs_done,
    jobs_failed = excluded.jobs_failed, login = excluded.login, seen_at = excluded.seen_at,
    started_at = case when excluded.state = 'starting' then excluded.started_at
      else h.started_at end;
  -- What it has done in the last minutes: two samples take turns, of which the older one is two and
  -- a half to five minutes old. A process that began anew counts from nothing.
  update memoriesdb.worker_heartbeats as h
  set sampled_at = case when h.jobs_done < h.resampled_done then h.seen_at else h.resampled_at end,
    sampled_done = least(h.resampled_done, h.jobs_done),
    resampled_at = h.seen_at,
    resampled_done = h.jobs_done
  where h.worker = worker_heartbeat.worker and h.duty = worker_heartbeat.duty
    and (
      h.resampled_at < h.seen_at - interval '150 seconds' or h.jobs_done < h.resampled_done
    );
  -- Names of processes that never come back would pile up.
  delete from memoriesdb.worker_heartbeats as h
  where h.seen_at < clock_timestamp() - interval '30 days';
  -- What lost workers held, also where no claim comes by.
  perform memoriesdb.reap_embeddings();
  if duty in ('vindexing', 'sealing') then
    begin
      perform memoriesdb.maintain_audit_partitions();
    exception
      when lock_not_available then
        raise log 'memoriesdb: the default audit partition is read; a later heartbeat tries again';
    end;
  end if;
end;
$function$;

alter function memoriesdb.worker_heartbeat(text, text, text, text, bigint, bigint)
owner to memoriesdb_definer;
revoke all on function memoriesdb.worker_heartbeat(text, text, text, text, bigint, bigint)
from public;
grant execute on function memoriesdb.worker_heartbeat(text, text, text, text, bigint, bigint)
to memoriesdb_worker;
comment on function memoriesdb.worker_heartbeat(text, text, text, text, bigint, bigint) is
'Sign of life of a worker: name, duty, version of its package, state (starting, running, '
'paused, stopping, stopped), counts since it started. Raises MD506 where the worker is older than '
'settings.breaking_version: it must stop.';
