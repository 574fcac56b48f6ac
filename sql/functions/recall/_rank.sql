-- The one function that reads the search structures, as the definer, so that no policy is asked for
-- each of thousands of postings and vectors. Whose they are it takes from the session and never
-- from its caller; what it names, recall() reads under the caller's policies.
create or replace function memoriesdb._rank(
  query text,
  k integer,
  model_id uuid,
  embedding @extschema:vector@.halfvec,
  kinds text[],
  stream text,
  metadata_filter jsonb,
  since timestamptz,
  until timestamptz,
  min_score double precision,
  include_shared boolean,
  watched uuid default null
)
returns table (
  owner_id uuid,
  memory_id uuid,
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
security definer -- reads what no user reads; the owner is the session's
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan -- otherwise the plan depends on who came first
set jit = off
as $function$
declare
  v_asked memoriesdb._recall_request;
  v_terms text[] := '{}';
  v_words record;
begin
  v_asked.user_id := memoriesdb._require_scope('read');
  v_asked.settings := memoriesdb._recall_settings();
  v_asked.k := least(k, 1000);
  v_asked.candidates := greatest((v_asked.settings -> 'candidates')::integer, v_asked.k);
  if query ~ '[^[:space:]]' then
    v_terms := (tsvector_to_array(memoriesdb._search_vector(query)))[1:200];
    -- Words are never AND-ed: a question holds many that no memory has.
    v_asked.any_term := (
      select string_agg(memoriesdb._lexeme_query(w.term)::text, ' | ')
      from unnest(v_terms) as w (term)
    )::tsquery;
  end if;
  v_words := memoriesdb._query_terms(
    v_asked.user_id, v_terms, (v_asked.settings -> 'posting_budget')::integer
  );
  v_asked.driving := v_words.driving;
  v_asked.driving_counts := v_words.driving_counts;
  v_asked.probed := v_words.probed;
  v_asked.probed_counts := v_words.probed_counts;
  v_asked.question := memoriesdb._spaced(query);
  v_asked.similar_terms := '{}';
  if v_words.unknown <> '{}' and (v_asked.settings -> 'fuzzy_weight')::double precision > 0 then
    select
      coalesce(array_agg(s.term), '{}'), array_agg(s.document_count), array_agg(s.similarity)
    into v_asked.similar_terms, v_asked.similar_counts, v_asked.similarities
    from memoriesdb._similar_terms(
      v_asked.user_id, v_words.unknown, cardinality(v_words.unknown) = cardinality(v_terms)
    ) as s
    where s.term <> all (v_terms);
  end if;
  v_asked.model_id := model_id;
  v_asked.embedding := embedding;
  v_asked.near_docs := '{}';
  if embedding is not null then
    select coalesce(array_agg(n.doc), '{}'), array_agg(n.distance)
    into v_asked.near_docs, v_asked.near_distances
    from memoriesdb._nearest(
      v_asked.user_id, model_id, embedding,
      -- More where many will not pass.
      case
        when num_nonnulls(kinds, stream, metadata_filter, since, until) > 0 then 4 else 1
      end * v_asked.candidates + 50
    ) as n;
  end if;
  v_asked.windows := '{}';
  if query ~ '[^[:space:]]' and (v_asked.settings -> 'date_boost')::double precision > 0 then
    v_asked.windows := array(
      select tstzrange(d.since, d.until)
      from memoriesdb._dates_in(query, memoriesdb._present_of(v_asked.user_id)) as d
    );
  end if;
  v_asked.kinds := kinds;
  v_asked.stream_id := memoriesdb._stream_id(stream);
  v_asked.metadata_filter := metadata_filter;
  v_asked.since := since;
  v_asked.until := until;
  v_asked.min_score := min_score;
  v_asked.include_shared := coalesce(include_shared, false);
  v_asked.watched := watched;
  if v_terms <> '{}' and memoriesdb._setting('rerank_endpoint') <> '""' then
    return query
    select
      f.owner_id, f.memory_id, f.place, f.score, f.similarity, f.keyword_rank, f.vector_rank,
      f.is_candidate, f.why
    from memoriesdb._reranked(v_asked, query) as f;
  elsif (v_asked.settings -> 'diversity')::double precision > 0 and watched is null then
    return query
    select
      f.owner_id, f.memory_id, f.place, f.score, f.similarity, f.keyword_rank, f.vector_rank,
      f.is_candidate, f.why
    from memoriesdb._diversified(v_asked) as f;
  else
    return query
    select
      f.owner_id, f.memory_id, f.place, f.score, f.similarity, f.keyword_rank, f.vector_rank,
      f.is_candidate, f.why
    from memoriesdb._fuse(v_asked) as f;
  end if;
end;
$function$;

alter function memoriesdb._rank(
  text, integer, uuid, @extschema:vector@.halfvec, text[], text, jsonb, timestamptz, timestamptz,
  double precision, boolean, uuid
) owner to memoriesdb_definer;
revoke all on function memoriesdb._rank(
  text, integer, uuid, @extschema:vector@.halfvec, text[], text, jsonb, timestamptz, timestamptz,
  double precision, boolean, uuid
) from public;
grant execute on function memoriesdb._rank(
  text, integer, uuid, @extschema:vector@.halfvec, text[], text, jsonb, timestamptz, timestamptz,
  double precision, boolean, uuid
)
to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._rank(
  text, integer, uuid, @extschema:vector@.halfvec, text[], text, jsonb, timestamptz, timestamptz,
  double precision, boolean, uuid
) is
'The ids of the k best memories for the user of this transaction, his own and those shared with '
'him, with their scores and why; the watched one wherever it stands. For recall() and '
'explain_recall(), which check the arguments. Raises MD001, MD004.';
