create or replace function memoriesdb._diversified(asked memoriesdb._recall_request)
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
as $function$
#variable_conflict use_column
declare
  v_k integer := asked.k;
  v_lambda double precision := (asked.settings -> 'diversity')::double precision;
  v_places bigint[];
  v_scores double precision[];
  v_vectors @extschema:vector@.halfvec[];
  v_likeness double precision[];
  v_best integer;
  v_order bigint[] := '{}'::bigint[];
  v_found jsonb;
begin
  asked.k := least(5 * v_k, 1000);
  select
    jsonb_agg(to_jsonb(f) order by f.place), array_agg(f.place order by f.place),
    array_agg(f.score order by f.place), array_agg(v.embedding order by f.place),
    array_agg(0::double precision order by f.place)
  into v_found, v_places, v_scores, v_vectors, v_likeness
  from memoriesdb._fuse(asked) as f
  left join lateral (
    select e.embedding
    from memoriesdb.memory_embeddings as e
    where e.owner_id = f.owner_id and e.memory_id = f.memory_id and e.model_id = asked.model_id
    offset 0
  ) as v
    on true
  where f.place <= asked.k;
  -- One after the other the best that is least like what was taken.
  while cardinality(v_order) < least(v_k, cardinality(v_places)) loop
    select i into v_best
    from generate_subscripts(v_places, 1) as i
    where v_places[i] <> all (v_order)
    order by (1 - v_lambda) * v_scores[i] - v_lambda * v_likeness[i] desc, i
    limit 1;
    v_order := v_order || v_places[v_best];
    v_likeness := array(
      select greatest(v_likeness[i], coalesce(
        1 - (v_vectors[i] operator(@extschema:vector@.<=>) v_vectors[v_best]), 0
      ))
      from generate_subscripts(v_places, 1) as i
      order by i
    );
  end loop;
  return query
  select
    f.owner_id, f.memory_id, f.doc, o.number, f.score, f.similarity, f.keyword_rank,
    f.vector_rank, f.is_candidate, f.why || jsonb_build_object('before', f.place)
  from unnest(v_order) with ordinality as o (place, number)
  cross join lateral jsonb_to_record(v_found -> (o.place - 1)::integer) as f (
    owner_id uuid, memory_id uuid, doc bigint, place bigint, score double precision,
    similarity double precision, keyword_rank integer, vector_rank integer,
    is_candidate boolean, why jsonb
  )
  order by o.number;
end;
$function$;

alter function memoriesdb._diversified(memoriesdb._recall_request) owner to memoriesdb_definer;
revoke all on function memoriesdb._diversified(memoriesdb._recall_request) from public;
comment on function memoriesdb._diversified(memoriesdb._recall_request) is
'k of the 5 k best (at most 1000) of _fuse() by maximal marginal relevance: settings.'
'recall_diversity is how much it counts against a memory to be like one that stands before it '
'(cosine), the rest its score. The order is no longer that of the scores.';
