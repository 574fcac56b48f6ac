create or replace function memoriesdb._recall_facts(
  memory_id uuid, query text, model_id uuid, k integer
)
returns jsonb
language plpgsql
stable
parallel unsafe
security definer -- reads the search structures; the owner is the session's
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_user_id uuid := memoriesdb._require_scope('read');
  v_terms text[] := '{}'::text[];
  v_reading record;
  v_document memoriesdb.memory_documents;
begin
  if query ~ '[^[:space:]]' then
    v_terms := tsvector_to_array(memoriesdb._search_vector(query));
  end if;
  select d.* into v_document
  from memoriesdb.memories as m
  join memoriesdb.memory_documents as d on d.owner_id = m.owner_id and d.doc = m.seq
  where m.owner_id = v_user_id and m.id = _recall_facts.memory_id;
  select q.* into v_reading
  from memoriesdb._query_terms(
    v_user_id, v_terms,
    (select s.value::integer from memoriesdb.settings as s where s.key = 'recall_posting_budget')
  ) as q;
  return jsonb_build_object(
    'candidates', memoriesdb._candidate_count(k),
    'is_diverse', memoriesdb._setting('recall_diversity')::double precision > 0,
    'term_count', cardinality(v_terms),
    'terms', to_jsonb(v_reading.driving || v_reading.probed),
    'reading', to_jsonb(v_reading),
    'is_indexed', v_document.is_indexed,
    'indexed', (
      select coalesce(sum(c.document_count), 0) from memoriesdb.search_counts as c
      where c.owner_id = v_user_id
    ),
    'waiting', (
      select count(*) from memoriesdb.search_schedule as s where s.owner_id = v_user_id
    ),
    'route', case when model_id is not null then memoriesdb._vector_route(v_user_id, model_id) end,
    'times', (
      select jsonb_agg(jsonb_build_array(d.since, d.until))
      from memoriesdb._dates_in(coalesce(query, ''), memoriesdb._present_of(v_user_id)) as d
    )
  );
end;
$function$;

alter function memoriesdb._recall_facts(uuid, text, uuid, integer) owner to memoriesdb_definer;
revoke all on function memoriesdb._recall_facts(uuid, text, uuid, integer) from public;
grant execute on function memoriesdb._recall_facts(
  uuid, text, uuid, integer
)
to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._recall_facts(uuid, text, uuid, integer) is
'What explain_recall() tells of a query and of one of one''s own memories besides the scores: '
'words, how they are read, how many candidates an arm has, how much of one''s own is indexed, the '
'route to the nearest vectors, the times that the query names.';
