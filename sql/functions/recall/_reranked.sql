create or replace function memoriesdb._reranked(asked memoriesdb._recall_request, query text)
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
volatile
parallel unsafe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
#variable_conflict use_column
declare
  v_k integer := asked.k;
  v_lowest real := case
    when asked.min_score is not null then greatest(-1, least(asked.min_score, 2))::real
  end;
  v_found jsonb;
  v_texts text[];
  v_scores real[];
begin
  asked.k := greatest(v_k, memoriesdb._setting('rerank_candidates')::integer);
  -- Of the scores that are returned, which are not these.
  asked.min_score := null;
  -- A ciphertext is nothing to judge by; and the watched one may stand beyond what is judged.
  select jsonb_agg(to_jsonb(f) order by f.place),
    coalesce(array_agg(
      case
        when not m.is_encrypted
          then memoriesdb._embedding_text(m.content, m.metadata, m.occurred_at)
      end order by f.place
    ) filter (where f.place <= asked.k), '{}')
  into v_found, v_texts
  from memoriesdb._fuse(asked) as f
  cross join lateral (
    select x.content, x.metadata, x.occurred_at, x.is_encrypted
    from memoriesdb.memories as x
    where x.owner_id = f.owner_id and x.id = f.memory_id
    offset 0
  ) as m;
  v_scores := memoriesdb._rerank(query, v_texts);
  return query
  select
    r.owner_id, r.memory_id, r.doc,
    case when r.number > cardinality(v_scores) then r.place else r.standing end,
    r.reached, r.similarity, r.keyword_rank, r.vector_rank, r.is_candidate,
    case when r.reranked is null then r.why else r.why || jsonb_build_object(
      'rerank', jsonb_build_object('rank', r.standing, 'score', r.reranked, 'before', r.place)
    ) end
  from (
    select s.*, row_number() over (order by s.reranked desc nulls last, s.place) as standing
    from (
      select
        f.*, e.number, v.reranked,
        case
          when v.reranked is null then f.score
          else coalesce(
            (v.reranked - min(v.reranked) over ())::double precision
            / nullif(max(v.reranked) over () - min(v.reranked) over (), 0), 1
          )
        end as reached
      from jsonb_array_elements(coalesce(v_found, '[]')) with ordinality as e (item, number)
      cross join lateral jsonb_to_record(e.item) as f (
        owner_id uuid, memory_id uuid, doc bigint, place bigint, score double precision,
        similarity double precision, keyword_rank integer, vector_rank integer,
        is_candidate boolean, why jsonb
      )
      cross join lateral (select v_scores[e.number] as reranked) as v
    ) as s
    where v_lowest is null or s.reached::real >= v_lowest or s.memory_id = asked.watched
  ) as r
  where r.standing <= v_k or r.memory_id = asked.watched
  order by r.standing;
end;
$function$;

alter function memoriesdb._reranked(memoriesdb._recall_request, text) owner to memoriesdb_definer;
revoke all on function memoriesdb._reranked(memoriesdb._recall_request, text) from public;
comment on function memoriesdb._reranked(memoriesdb._recall_request, text) is
'The k best of the settings.rerank_candidates best of _fuse(), as the cross-encoder at '
'settings.rerank_endpoint orders them: score is its own, stretched to 0 to 1. As _fuse() orders '
'them where it does not answer. Of an encrypted memory it is told nothing.';
