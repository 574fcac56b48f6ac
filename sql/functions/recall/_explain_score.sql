create or replace function memoriesdb._explain_score(
  why jsonb,
  place bigint,
  reached double precision,
  is_candidate boolean,
  k integer,
  min_score double precision
)
returns table (step text, outcome text, rank integer, score real, detail text)
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
declare
  -- As recall() compares it: any number may be given.
  v_lowest real :=
    case when min_score is not null then greatest(-1, least(min_score, 2))::real end;
  -- By score, where recall_diversity chooses otherwise.
  v_before bigint := (why -> 'before')::bigint;
begin
  if place is null then
    return query
    select 'result', 'removed', null::integer, null::real,
      'A filter removed it, or no arm has anything of it.';
    return;
  end if;
  step := 'fused';
  outcome := case
    when is_candidate then 'weighed'
    when not is_candidate then 'weighed, beside a candidate'
    else 'weighed for you alone'
  end;
  rank := null;
  score := (why ->> 'fused')::real;
  detail := 'each arm divided by its best, weighted, and added up (settings recall_…_weight)';
  return next;
  step := 'smoothed';
  score := (why ->> 'smoothed')::real;
  detail := 'with what its neighbours in the stream lend it (settings recall_smoothing…)';
  return next;
  if why -> 'boosts' is not null then
    step := 'boosts';
    score := null;
    detail := why ->> 'boosts';
    return next;
  end if;
  step := 'result';
  rank := case when place <= k or coalesce(v_before, place) > k then place::integer end;
  score := reached::real;
  outcome := case
    when is_candidate is null or reached::real < v_lowest or place > k then 'removed'
    else 'returned'
  end;
  detail := case
    when is_candidate is null
      then 'beyond the candidates of each arm, and not beside one in its stream'
    when reached::real < v_lowest then format('min_score is %s', min_score)
    when place > k and v_before <= k
      then format('by score it is %s, and too like what was chosen before it', v_before)
    when place > k then format('k is %s', k)
    else format('place %s of at most %s', place, k)
  end;
  return next;
end;
$function$;

alter function memoriesdb._explain_score(
  jsonb, bigint, double precision, boolean, integer, double precision
) owner to memoriesdb_definer;
revoke all on function memoriesdb._explain_score(
  jsonb, bigint, double precision, boolean, integer, double precision
) from public;
grant execute on function memoriesdb._explain_score(
  jsonb, bigint, double precision, boolean, integer, double precision
)
to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._explain_score(
  jsonb, bigint, double precision, boolean, integer, double precision
) is
'The rows of explain_recall() about what the arms add up to, and whether recall() returns it: of '
'what _rank() found (reached is its score; place is null where it found nothing).';
