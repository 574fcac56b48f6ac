-- One list of what _gather() found.
create or replace function memoriesdb._fuse(asked memoriesdb._recall_request)
returns table (
  owner_id uuid,
  memory_id uuid,
  doc bigint,
  place bigint,
  score double precision,
  similarity double precision,
  keyword_rank integer,
  vector_rank integer,
  is_candidate boolean,
  why jsonb
)
language plpgsql
stable
parallel unsafe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_nestloop = off -- the planner knows no numbers: a loop over a loop took a million steps
set jit = off
as $function$
#variable_conflict use_column
declare
  v_set jsonb := asked.settings;
  v_keyword double precision :=
    case when asked.any_term is null then 0 else (v_set -> 'keyword_weight')::double precision end;
  v_vector double precision :=
    case when asked.embedding is null then 0 else (v_set -> 'vector_weight')::double precision end;
  v_fuzzy double precision := (v_set -> 'fuzzy_weight')::double precision;
  v_rrf_k double precision :=
    case when v_set ->> 'fusion' = 'rrf' then (v_set -> 'rrf_k')::double precision end;
  v_near double precision := (v_set -> 'smoothing')::double precision;
  v_far double precision := (v_set -> 'smoothing_far')::double precision;
  v_stream double precision := (v_set -> 'stream_boost')::double precision;
  v_date double precision := case
    when asked.windows = '{}' then 0 else (v_set -> 'date_boost')::double precision
  end;
  v_date_days double precision := (v_set -> 'date_days')::double precision;
  v_speaker double precision := (v_set -> 'speaker_boost')::double precision;
  v_recency double precision := (v_set -> 'recency_boost')::double precision;
  v_half_life double precision :=
    86400 * (v_set -> 'recency_half_life_days')::double precision;
  v_importance double precision := (v_set -> 'importance_boost')::double precision;
  v_trust double precision := (v_set -> 'trust_boost')::double precision;
  v_access double precision := (v_set -> 'access_boost')::double precision;
begin
  return query
  with part as materialized (
    select g.* from memoriesdb._gather(asked) as g
  ),

  -- Each arm divided by its best, weighted, and added up.
  fused as materialized (
    select
      p.*,
      (
        case
          when v_rrf_k is not null then (v_rrf_k + 1) * (
            coalesce(v_keyword / (v_rrf_k + p.keyword_rank), 0)
            + coalesce(v_vector / (v_rrf_k + p.vector_rank), 0)
            + coalesce(v_fuzzy / (v_rrf_k + p.fuzzy_rank), 0)
          )
          else
            coalesce(v_keyword * p.strength / nullif(max(p.strength) over (), 0), 0)
            + coalesce(
              v_vector * greatest(p.similarity, 0)
              / nullif(greatest(max(p.similarity) over (), 0), 0), 0
            )
            + coalesce(v_fuzzy * p.likeness / nullif(max(p.likeness) over (), 0), 0)
        end
        -- Of the arms that were asked: without an embedder a perfect match by words is a whole one.
        / (v_keyword + v_vector + case when max(p.likeness) over () > 0 then v_fuzzy else 0 end)
      ) as points
    from part as p
    where p.strength > 0 or p.likeness > 0 or p.similarity is not null
  ),

  lent as materialized (
    select e.doc, max(o.points) filter (where e.is_near) as near_points,
      max(o.points) filter (where not e.is_near) as far_points
    from (
      select f.doc, unnest(f.near_ones) as other, true as is_near from part as f
      union all
      select f.doc, unnest(f.far_ones), false from part as f
    ) as e
    join fused as o on o.doc = e.other
    group by e.doc
  ),

  stream as materialized (
    select f.owner_id, f.stream_id, max(f.points) as points
    from fused as f
    where f.stream_id is not null
    group by f.owner_id, f.stream_id
  ),

  used as materialized (
    select u.memory_id, count(*) as times
    from (
      select unnest(a.memory_ids) as memory_id
      from (
        select l.memory_ids from memoriesdb.access_log as l
        where v_access > 0 and l.user_id = asked.user_id and l.outcome = 'answered'
        order by l.access_id desc
        limit 1000
      ) as a
    ) as u
    group by u.memory_id
  ),

  -- Each bounded by its setting, so that no memory is first for being new alone.
  boosted as materialized (
    select
      f.*,
      case
        when f.near_ones is null and f.far_ones is null then f.points
        else (f.points + v_near * coalesce(l.near_points, 0)
          + v_far * coalesce(l.far_points, 0)) / (1 + v_near + v_far)
      end as smoothed,
      v_stream * coalesce(s.points, f.points) / nullif(max(f.points) over (), 0) as of_stream,
      case when v_date > 0 then v_date * exp(-(
        select min(case
          when f.occurred_at < lower(w.span)
            then extract(epoch from lower(w.span) - f.occurred_at)
          when f.occurred_at > upper(w.span)
            then extract(epoch from f.occurred_at - upper(w.span))
          else 0
        end) / 86400 / v_date_days
        from unnest(asked.windows) as w (span)
      )) else 0 end as of_date,
      case when v_recency > 0 then v_recency * exp(least(-ln(2) / v_half_life
        * extract(epoch from statement_timestamp() - f.occurred_at), 0)) else 0 end as of_recency,
      v_importance * f.importance as of_importance,
      v_trust * f.trust as of_trust,
      v_access * coalesce(ln(1 + u.times) / ln(1 + max(u.times) over ()), 0) as of_access,
      strpos(asked.question, ' ' || f.speaker || ' ') > 0 as is_named
    from fused as f
    left join lent as l on l.doc = f.doc
    left join stream as s on s.owner_id = f.owner_id and s.stream_id = f.stream_id
    left join used as u on u.memory_id = f.memory_id
  ),

  scored as materialized (
    select
      b.*,
      (b.smoothed + coalesce(b.of_stream, 0) + b.of_date + b.of_recency + b.of_importance
        + b.of_trust + b.of_access)
      / (1 + v_stream + v_date + v_recency + v_importance + v_trust + v_access)
      * case
        -- Where a question names two, it is not asked who of them said it.
        when (select count(distinct n.speaker) from boosted as n where n.is_named) <> 1 then 1
        when b.is_named then 1
        else 1 / (1 + v_speaker)
      end as score
    from boosted as b
  )

  select
    r.owner_id, r.memory_id, r.doc, r.place, r.score, r.similarity, r.keyword_rank::integer,
    r.vector_rank::integer, r.is_candidate,
    jsonb_strip_nulls(jsonb_build_object(
      'keyword', case when r.strength > 0 then jsonb_build_object(
        'rank', r.keyword_rank, 'score', round(r.strength::numeric, 4)
      ) end,
      'vector', case when r.similarity is not null then jsonb_build_object(
        'rank', r.vector_rank, 'score', round(r.similarity::numeric, 4)
      ) end,
      'fuzzy', case when r.likeness > 0 then jsonb_build_object(
        'rank', r.fuzzy_rank, 'score', round(r.likeness::numeric, 4)
      ) end,
      'fused', round(r.points::numeric, 4),
      'smoothed', round(r.smoothed::numeric, 4),
      'boosts', nullif(jsonb_strip_nulls(jsonb_build_object(
        'stream', round(nullif(r.of_stream, 0)::numeric, 4),
        'date', round(nullif(r.of_date, 0)::numeric, 4),
        'speaker', case when r.is_named then v_speaker end,
        'recency', round(nullif(r.of_recency, 0)::numeric, 4),
        'importance', round(nullif(r.of_importance, 0)::numeric, 4),
        'trust', round(nullif(r.of_trust, 0)::numeric, 4),
        'access', round(nullif(r.of_access, 0)::numeric, 4)
      )), '{}')
    ))
  from (
    select s.*, row_number() over (order by s.score desc, s.doc desc) as place
    from scored as s
    -- As it is returned: a score that was read in an answer bounds the next one from below.
    where asked.min_score is null or asked.watched is not null
      or s.score::real >= greatest(-1, least(asked.min_score, 2))::real
  ) as r
  where r.place <= asked.k or r.memory_id = asked.watched
  order by r.place;
end;
$function$;

alter function memoriesdb._fuse(memoriesdb._recall_request) owner to memoriesdb_definer;
revoke all on function memoriesdb._fuse(memoriesdb._recall_request) from public;
comment on function memoriesdb._fuse(memoriesdb._recall_request) is
'The k best of _gather() in order (place from 1), and the watched one wherever it stands: arms '
'divided by their best and weighted (or by their ranks: settings.recall_fusion), smoothed over '
'neighbours, boosted. score: 0 to 1. why: rank and score in each arm, and each step after it.';
