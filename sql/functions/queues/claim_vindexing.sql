create or replace function memoriesdb.claim_vindexing(
  worker text, batch integer, lease interval default '10 minutes'
)
returns table (
  job_id bigint,
  lease_token bigint,
  slice integer,
  requests bigint,
  attempt integer,
  lease_until timestamptz
)
language plpgsql
volatile
parallel unsafe
security definer -- workers have no rights on tables
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_at timestamptz := clock_timestamp();
  v_slice smallint;
  v_ids bigint[];
  v_count bigint;
begin
  perform memoriesdb._check_claim(worker, batch, lease);
  for v_slice in
    select v.slice
    from memoriesdb.vindexing_schedule as v
    where v.dead_at is null
    group by v.slice
    -- A slice that somebody refreshes, or that failed and waits, is left alone with all its
    -- requests.
    having bool_and(v.lease_token is null or v.available_at <= v_at)
    order by min(v.enqueued_at)
    limit claim_vindexing.batch
  loop
    -- All of the slice's requests or none, so that two workers never take one slice: what another
    -- one holds or has claimed meanwhile is missing here. Not by an advisory lock: those are
    -- anybody's, and whoever held one would stop the refreshes.
    select array_agg(l.job_id), (
      select count(*) from memoriesdb.vindexing_schedule as v
      where v.slice = v_slice and v.dead_at is null
    )
    into v_ids, v_count
    from (
      select v.job_id
      from memoriesdb.vindexing_schedule as v
      where v.slice = v_slice and v.dead_at is null
        and (v.lease_token is null or v.available_at <= v_at)
      for update skip locked
    ) as l;
    continue when cardinality(v_ids) is distinct from v_count;
    lease_token := nextval('memoriesdb.lease_token_seq');
    with claimed as (
      update memoriesdb.vindexing_schedule as v
      set lease_token = claim_vindexing.lease_token, worker = claim_vindexing.worker,
        attempts = v.attempts + 1,
        available_at = v_at + claim_vindexing.lease
      where v.job_id = any (v_ids)
      returning v.job_id, v.attempts, v.available_at
    )

    select min(c.job_id), v_slice::integer, count(*), max(c.attempts), max(c.available_at)
    into job_id, slice, requests, attempt, lease_until
    from claimed as c;
    return next;
  end loop;
end;
$function$;

alter function memoriesdb.claim_vindexing(text, integer, interval) owner to memoriesdb_definer;
revoke all on function memoriesdb.claim_vindexing(text, integer, interval) from public;
grant execute on function memoriesdb.claim_vindexing(text, integer, interval) to memoriesdb_worker;
comment on function memoriesdb.claim_vindexing(text, integer, interval) is
'Take up to batch slices of memory_graph for which a refresh was asked; all requests of a slice '
'that have committed become one job. What is asked for later is another job. lease: 1 second to '
'1 hour.';
