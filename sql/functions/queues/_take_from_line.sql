create or replace function memoriesdb._take_from_line(
  model_id uuid,
  from_turn bigint,
  to_turn bigint,
  most integer,
  worker text,
  lease_token bigint,
  ends_at timestamptz
)
returns table (job_ids bigint[], first_turn bigint, last_turn bigint)
language plpgsql
volatile
parallel unsafe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
begin
  job_ids := '{}';
  if most < 1 then
    return next;
    return;
  end if;
  -- What another claim takes at this moment is passed over, what it has taken stands in line no
  -- more.
  with head as materialized (
    select j.job_id, j.turn
    from memoriesdb.embedding_schedule as j
    where j.model_id = _take_from_line.model_id
      and j.turn >= from_turn and j.turn <= to_turn
    order by j.turn
    limit most
    for update skip locked
  ),

  taken as (
    update memoriesdb.embedding_schedule as j
    set turn = null, attempts = j.attempts + 1, worker = _take_from_line.worker,
      lease_token = _take_from_line.lease_token, available_at = ends_at
    from head as h
    where j.job_id = h.job_id
    returning j.job_id, h.turn
  )

  select coalesce(array_agg(t.job_id order by t.turn, t.job_id), '{}'), min(t.turn), max(t.turn)
  into job_ids, first_turn, last_turn
  from taken as t;
  return next;
end;
$function$;

alter function memoriesdb._take_from_line(
  uuid, bigint, bigint, integer, text, bigint, timestamptz
) owner to memoriesdb_definer;
revoke all on function memoriesdb._take_from_line(
  uuid, bigint, bigint, integer, text, bigint, timestamptz
) from public;
comment on function memoriesdb._take_from_line(
  uuid, bigint, bigint, integer, text, bigint, timestamptz
) is
'Claim up to most of the first jobs of a line from one turn to another. Returns them, and the '
'least and the greatest turn among them.';
