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
set work_mem = '32MB' -- whatever the session has: beyond it goes to disk
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
  v_passage double precision := (v_set -> 'smoothing_passage')::double precision;
  v_coverage double precision := (v_set -> 'coverage')::double precision;
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
  -- Not as fields: a field of a record was fifty times as dear in each row.
  v_user_id uuid := asked.user_id;
  v_question text := asked.question;
  v_windows tstzrange[] := asked.windows;
  v_k integer := asked.k;
  v_min_score double precision := asked.min_score;
  v_watched uuid := asked.watched;
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
            coalesce(
              v_keyword * (p.strength + v_coverage * p.coverage)
              / nullif(max(p.strength + v_coverage * p.coverage) over (), 0), 0
            )
            + coalesce(
              v_vector * greatest(p.similarity, 0)
              / nullif(greatest(max(p.similarity) over (), 0), 0), 0
            )
            + coalesce(v_fuzzy * p.likeness / nullif(max(p.likeness) over (), 0), 0)
        end
        -- Of the arms that were asked: without an embedder a perfect match by words is a whole one.
        / nullif(
          v_keyword + v_vector + case when max(p.likeness) over () > 0 then v_fuzzy else 0 end, 0
        )
      ) as points,
      -- What is in no stream stands by itself.
      coalesce(p.place, 1000000000000 + 1000 * p.doc) as step
    from part as p
  ),

  -- Neighbours in a stream lend each other score: the answer often stands beside the words of the
  -- question.
  lent as (
    select
      w.step, w.passage_points,
      coalesce(w.step - w.before_step <= 5, false) or coalesce(w.after_step - w.step <= 5, false)
        as has_neighbours,
      greatest(
        case when w.step - w.before_step = 1 then w.before_points end,
        case when w.after_step - w.step = 1 then w.after_points end
      ) as near_points,
      greatest(
        case when w.step - w.before_step = 2 then w.before_points end,
        case when w.step - w.second_before_step = 2 then w.second_before_points end,
        case when w.after_step - w.step = 2 then w.after_points end,
        case when w.second_after_step - w.step = 2 then w.second_after_points end
      ) as far_points
    from (
      select
        f.step,
        lag(f.step) over line as before_step,
        lag(f.points) over line as before_points,
        lag(f.step, 2) over line as second_before_step,
        lag(f.points, 2) over line as second_before_points,
        lead(f.step) over line as after_step,
        lead(f.points) over line as after_points,
        lead(f.step, 2) over line as second_after_step,
        lead(f.points, 2) over line as second_after_points,
        max(f.points) over line as passage_points
      from fused as f
      window line as (
        order by f.step range between 5 preceding and 5 following
      )
    ) as w
  ),

  used as (
    select u.memory_id, count(*) as times
    from (
      select unnest(a.memory_ids) as memory_id
      from (
        select l.memory_ids from memoriesdb.access_log as l
        where v_access > 0 and l.user_id = v_user_id and l.outcome = 'answered'
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
        when n.has_neighbours then (
          f.points + v_near * coalesce(n.near_points, 0) + v_far * coalesce(n.far_points, 0)
          + v_passage * n.passage_points
        ) / (1 + v_near + v_far + v_passage)
        else f.points
      end as smoothed,
      -- Below exp(-700) there is no number, but an error.
      case when v_date > 0 then v_date * exp(greatest(-700, -(
        select min(case
          when f.occurred_at < lower(w.span)
            then extract(epoch from lower(w.span) - f.occurred_at)
          when f.occurred_at > upper(w.span)
            then extract(epoch from f.occurred_at - upper(w.span))
          else 0
        end) / 86400 / v_date_days
        from unnest(v_windows) as w (span)
      ))) else 0 end as of_date,
      case when v_recency > 0 then v_recency * exp(greatest(-700, least(-ln(2) / v_half_life
        * extract(epoch from statement_timestamp() - f.occurred_at), 0))) else 0 end
        as of_recency,
      v_importance * f.importance as of_importance,
      v_trust * f.trust as of_trust,
      v_access * coalesce(ln(1 + u.times) / ln(1 + max(u.times) over ()), 0) as of_access,
      strpos(v_question, ' ' || f.speaker || ' ') > 0 as is_named
    from fused as f
    join lent as n on n.step = f.step
    left join used as u on u.memory_id = f.memory_id
  ),

  named as materialized (
    -- Where a question names two, it is not asked who of them said it.
    select case when count(distinct b.speaker) = 1 then v_speaker else 0 end as boost
    from boosted as b
    where b.is_named
  ),

  scored as (
    select
      b.*, n.boost as of_speaker,
      b.smoothed * (
        1 + b.of_date + b.of_recency + b.of_importance + b.of_trust + b.of_access
      ) / (1 + v_date + v_recency + v_importance + v_trust + v_access)
      * case when b.is_named then 1 else 1 / (1 + n.boost) end as score
    from boosted as b
    cross join named as n
  )

  select
    r.owner_id, r.memory_id, r.doc, r.standing, r.score, r.similarity, r.keyword_rank::integer,
    r.vector_rank::integer, r.is_candidate,
    jsonb_strip_nulls(jsonb_build_object(
      'keyword', case when r.strength > 0 then jsonb_build_object(
        'rank', r.keyword_rank, 'score', round(r.strength::numeric, 4)
      ) end,
      'coverage', round(nullif(r.coverage, 0)::numeric, 4),
      'vector', case when r.similarity is not null then jsonb_build_object(
        'rank', r.vector_rank, 'score', round(r.similarity::numeric, 4)
      ) end,
      'fuzzy', case when r.likeness > 0 then jsonb_build_object(
        'rank', r.fuzzy_rank, 'score', round(r.likeness::numeric, 4)
      ) end,
      'fused', round(r.points::numeric, 4),
      'smoothed', round(r.smoothed::numeric, 4),
      'boosts', nullif(jsonb_strip_nulls(jsonb_build_object(
        'date', round(nullif(r.of_date, 0)::numeric, 4),
        'speaker', case when r.is_named then nullif(r.of_speaker, 0) end,
        'recency', round(nullif(r.of_recency, 0)::numeric, 4),
        'importance', round(nullif(r.of_importance, 0)::numeric, 4),
        'trust', round(nullif(r.of_trust, 0)::numeric, 4),
        'access', round(nullif(r.of_access, 0)::numeric, 4)
      )), '{}')
    ))
  from (
    select s.*, row_number() over (order by s.score desc, s.doc desc) as standing
    from scored as s
    where (s.score > 0 or s.strength > 0 or s.similarity is not null)
    -- As it is returned: a score that was read in an answer bounds the next one from below.
      and (
        v_min_score is null or v_watched is not null
        or s.score::real >= greatest(-1, least(v_min_score, 2))::real
      )
  ) as r
  where r.standing <= v_k or r.memory_id = v_watched
  order by r.standing;
end;
$function$;

alter function memoriesdb._fuse(memoriesdb._recall_request) owner to memoriesdb_definer;
revoke all on function memoriesdb._fuse(memoriesdb._recall_request) from public;
comment on function memoriesdb._fuse(memoriesdb._recall_request) is
'The k best of _gather() in order (place from 1), and the watched one wherever it stands: arms '
'divided by their best and weighted (or by their ranks: settings.recall_fusion), smoothed over '
'neighbours, boosted. score: 0 to 1. why: rank and score in each arm, and each step after it.';
