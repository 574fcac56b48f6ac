create or replace function memoriesdb._request_of(
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
  watched uuid,
  out asked memoriesdb._recall_request
)
returns memoriesdb._recall_request
language plpgsql
stable
parallel unsafe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_terms text[] := '{}'::text[];
  v_words record;
begin
  asked.user_id := memoriesdb._require_scope('read');
  asked.settings := memoriesdb._recall_settings();
  asked.k := least(k, 1000);
  asked.candidates := memoriesdb._candidate_count(asked.k);
  if query ~ '[^[:space:]]' then
    v_terms := tsvector_to_array(memoriesdb._search_vector(query));
  end if;
  select w.* into v_words
  from memoriesdb._query_terms(
    asked.user_id, v_terms, (asked.settings -> 'posting_budget')::integer
  ) as w;
  asked.driving := v_words.driving;
  asked.driving_counts := v_words.driving_counts;
  asked.probed := v_words.probed;
  asked.probed_counts := v_words.probed_counts;
  v_terms := asked.driving || asked.probed;
  -- Words are never AND-ed: a question holds many that no memory has.
  asked.any_term := (
    select string_agg(memoriesdb._lexeme_query(w.term)::text, ' | ')
    from unnest(v_terms) as w (term)
  )::tsquery;
  asked.question := memoriesdb._spaced(query);
  asked.similar_terms := '{}';
  if v_words.unknown <> '{}' and (asked.settings -> 'fuzzy_weight')::double precision > 0 then
    select
      coalesce(array_agg(s.term), '{}'), array_agg(s.document_count), array_agg(s.similarity)
    into asked.similar_terms, asked.similar_counts, asked.similarities
    from memoriesdb._similar_terms(
      asked.user_id, v_words.unknown, cardinality(v_words.unknown) = cardinality(v_terms)
    ) as s
    where s.term <> all (v_terms);
    asked.any_term := (
      select string_agg(memoriesdb._lexeme_query(w.term)::text, ' | ')
      from unnest(v_terms || asked.similar_terms) as w (term)
    )::tsquery;
  end if;
  asked.model_id := model_id;
  asked.embedding := embedding;
  asked.near_docs := '{}';
  -- As many as _gather() takes of the words.
  asked.near_count := asked.candidates + case
    when num_nonnulls(kinds, stream, metadata_filter, since, until) > 0
      then greatest(3 * asked.candidates, 480)
    when asked.settings ->> 'fusion' = 'rrf' then 3 * asked.candidates
    else 10
  end;
  if embedding is not null then
    select coalesce(array_agg(n.doc), '{}'), array_agg(n.distance)
    into asked.near_docs, asked.near_distances
    from memoriesdb._nearest(
      asked.user_id, model_id, embedding, asked.near_count,
      -- What stands beside the nearest need not be looked up then.
      greatest(asked.near_count, 500)
    ) as n;
  end if;
  asked.windows := '{}';
  if query ~ '[^[:space:]]' and (asked.settings -> 'date_boost')::double precision > 0 then
    asked.windows := array(
      select tstzrange(d.since, d.until)
      from memoriesdb._dates_in(query, memoriesdb._present_of(asked.user_id)) as d
    );
  end if;
  asked.kinds := kinds;
  asked.stream_id := memoriesdb._stream_id(stream);
  asked.metadata_filter := metadata_filter;
  asked.since := since;
  asked.until := until;
  asked.min_score := min_score;
  asked.include_shared := coalesce(include_shared, false);
  asked.watched := watched;
end;
$function$;

alter function memoriesdb._request_of(
  text, integer, uuid, @extschema:vector@.halfvec, text[], text, jsonb, timestamptz, timestamptz,
  double precision, boolean, uuid
) owner to memoriesdb_definer;
revoke all on function memoriesdb._request_of(
  text, integer, uuid, @extschema:vector@.halfvec, text[], text, jsonb, timestamptz, timestamptz,
  double precision, boolean, uuid
) from public;
comment on function memoriesdb._request_of(
  text, integer, uuid, @extschema:vector@.halfvec, text[], text, jsonb, timestamptz, timestamptz,
  double precision, boolean, uuid
) is
'A recall as _gather() and _fuse() read it: the user of this transaction, the settings, the words '
'of the query as _query_terms() sorts them and those that are spelt like them, the nearest vectors '
'and the times that the query names. Raises MD001, MD004.';
