create or replace function memoriesdb._claim_of_model(
  model_id uuid,
  most integer,
  worker text,
  lease_token bigint,
  lease interval,
  oldest_token bigint,
  due_at timestamptz,
  walk_seconds double precision,
  began_at timestamptz
)
returns bigint[]
language plpgsql
volatile
parallel unsafe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_backfill constant bigint := 4611686018427387904;
  v_end constant bigint := 9223372036854775807;
  v_is_walk boolean := walk_seconds is null;
  -- A sixteenth of the places, by lot where that is less than one.
  v_share integer := (most + (hashint8extended(lease_token, 0) & 15)::integer) / 16;
  v_last memoriesdb.embedding_batches;
  v_head bigint := 0::bigint;
  v_backfill_head bigint := v_backfill;
  v_at timestamptz := clock_timestamp();
  v_written record;
  v_some record;
  v_more record;
  v_ids bigint[];
begin
  select b.* into v_last
  from memoriesdb.embedding_batches as b
  where b.model_id = _claim_of_model.model_id
  order by b.lease_token desc
  limit 1;
  if not v_is_walk then
    -- As it was a quarter of a second ago: who took a turn before then has committed since.
    select b.head, b.backfill_head into v_head, v_backfill_head
    from memoriesdb.embedding_batches as b
    where b.model_id = _claim_of_model.model_id
      and b.claimed_at < v_at - interval '250 milliseconds'
    order by b.lease_token desc
    limit 1;
    v_head := coalesce(v_head, 0);
    v_backfill_head := coalesce(v_backfill_head, v_backfill);
  end if;

  select t.* into v_some from memoriesdb._take_from_line(
    model_id, v_backfill_head, v_end, v_share, worker, lease_token, v_at + lease
  ) as t;
  select t.* into v_written from memoriesdb._take_from_line(
    model_id, v_head, v_backfill - 1, most - cardinality(v_some.job_ids), worker, lease_token,
    v_at + lease
  ) as t;
  v_ids := v_written.job_ids || v_some.job_ids;
  -- What written memories leave is for backfills, too, if there were enough for their share.
  select t.* into v_more from memoriesdb._take_from_line(
    model_id, coalesce(v_some.last_turn, v_backfill_head), v_end,
    case when cardinality(v_some.job_ids) = v_share then most - cardinality(v_ids) else 0 end,
    worker, lease_token, v_at + lease
  ) as t;
  v_ids := v_ids || v_more.job_ids;

  if v_is_walk then
    -- Bounded, since a machine that stood still in it would put the next one off for as long.
    walk_seconds := least(
      extract(epoch from clock_timestamp() - began_at)::double precision, 2
    );
  end if;
  -- A walk that found nothing, and was not for nothing, is noted as well.
  if cardinality(v_ids) > 0 or (v_is_walk and walk_seconds > 0.002) then
    insert into memoriesdb.embedding_batches (
      model_id, lease_token, job_ids, claimed_at, ends_at, head, top, backfill_head, backfill_top,
      due_at, oldest_token, walk_seconds
    )
    values (
      _claim_of_model.model_id, _claim_of_model.lease_token, v_ids, clock_timestamp(),
      v_at + lease,
      memoriesdb._new_head(v_written.first_turn, v_written.last_turn, v_last.head, v_last.top, 0),
      coalesce(greatest(v_written.last_turn, v_last.top), 0),
      memoriesdb._new_head(
        coalesce(v_some.first_turn, v_more.first_turn),
        coalesce(v_more.last_turn, v_some.last_turn),
        v_last.backfill_head, v_last.backfill_top, v_backfill
      ),
      coalesce(greatest(v_some.last_turn, v_more.last_turn, v_last.backfill_top), v_backfill),
      _claim_of_model.due_at, coalesce(_claim_of_model.oldest_token, v_last.oldest_token, 0),
      _claim_of_model.walk_seconds
    );
  end if;
  return v_ids;
end;
$function$;

alter function memoriesdb._claim_of_model(
  uuid, integer, text, bigint, interval, bigint, timestamptz, double precision, timestamptz
) owner to memoriesdb_definer;
revoke all on function memoriesdb._claim_of_model(
  uuid, integer, text, bigint, interval, bigint, timestamptz, double precision, timestamptz
) from public;
comment on function memoriesdb._claim_of_model(
  uuid, integer, text, bigint, interval, bigint, timestamptz, double precision, timestamptz
) is
'Claim up to most jobs of a model: written memories, and for one place in sixteen backfills, or '
'what either leaves. Notes the batch. Returns the jobs.';
