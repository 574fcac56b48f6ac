create or replace function memoriesdb._backoff(attempts integer)
returns interval
language sql
volatile
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
  -- 2, 4, 8 … seconds up to an hour, each stretched or shrunk by up to half at random.
  select make_interval(
    secs => least(3600, 2 ^ least(greatest(attempts, 1), 12)) * (0.5 + random())
  );
$function$;

alter function memoriesdb._backoff(integer) owner to memoriesdb_definer;
revoke all on function memoriesdb._backoff(integer) from public;
comment on function memoriesdb._backoff(integer) is
'Time to wait after this many attempts: exponential from 2 seconds to an hour, with jitter.';
