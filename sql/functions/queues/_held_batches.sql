-- Volatile: it sees what was committed while the claim waited for the model.
create or replace function memoriesdb._held_batches(model_id uuid)
returns table (held bigint, oldest_token bigint)
language plpgsql
volatile
parallel unsafe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_at timestamptz := clock_timestamp();
begin
  with batch as materialized (
    select
      b.lease_token, b.claimed_at,
      -- A batch is held until its last job is done, failed, given back or reaped.
      exists (
        select from unnest(b.job_ids) as u (job_id)
        join memoriesdb.embedding_schedule as j on j.job_id = u.job_id
        where j.lease_token = b.lease_token and j.worker is not null and j.available_at > v_at
      ) as is_held
    from memoriesdb.embedding_batches as b
    where b.model_id = _held_batches.model_id and b.ends_at > v_at
      -- Not from the first one on, as in a line.
      and b.lease_token >= coalesce((
        select n.oldest_token
        from memoriesdb.embedding_batches as n
        where n.model_id = _held_batches.model_id
        order by n.lease_token desc
        limit 1
      ), 0)
  ),

  -- Those that are done need not be asked about again; the last ones say where the line is.
  forgotten as (
    delete from memoriesdb.embedding_batches as b
    using batch as d
    where b.model_id = _held_batches.model_id and b.lease_token = d.lease_token
      and not d.is_held and d.claimed_at < v_at - interval '1 second'
      and d.lease_token < (select max(m.lease_token) from batch as m)
  )

  select count(*) filter (where b.is_held), min(b.lease_token) filter (where b.is_held)
  into held, oldest_token
  from batch as b;
  return next;
end;
$function$;

alter function memoriesdb._held_batches(uuid) owner to memoriesdb_definer;
revoke all on function memoriesdb._held_batches(uuid) from public;
comment on function memoriesdb._held_batches(uuid) is
'How many batches of a model workers hold at this moment, and the oldest of them; for who has '
'locked the model.';
