create or replace function memoriesdb._similar_terms(owner_id uuid, terms text[], is_whole boolean)
returns table (term text, similarity real, document_count bigint)
language plpgsql
stable
parallel safe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
#variable_conflict use_column
declare
  -- Long ones tell best what was meant.
  v_asked text[] := array(
    select q.term
    from unnest(terms) as q (term)
    where char_length(q.term) >= 4
    order by char_length(q.term) desc, q.term
    limit 8
  );
  v_answered text[];
  v_found text[];
  v_similarities real[];
begin
  select
    coalesce(array_agg(s.asked), '{}'), coalesce(array_agg(s.term), '{}'),
    coalesce(array_agg(s.similarity), '{}')
  into v_answered, v_found, v_similarities
  from memoriesdb._spelt_alike(owner_id, v_asked, true) as s;
  if is_whole then
    select
      v_found || coalesce(array_agg(s.term), '{}'),
      v_similarities || coalesce(array_agg(s.similarity), '{}')
    into v_found, v_similarities
    from memoriesdb._spelt_alike(
      owner_id, array(select q from unnest(v_asked) as q where q <> all (v_answered)), false
    ) as s;
  end if;
  return query
  select b.term, b.similarity, c.document_count
  from (
    select s.term, max(s.similarity) as similarity
    from unnest(v_found, v_similarities) as s (term, similarity)
    group by s.term
    order by 2 desc, s.term
    limit 8
  ) as b
  cross join lateral (
    select count(*) as document_count
    from memoriesdb.memory_terms as t
    where t.owner_id = _similar_terms.owner_id and t.term = b.term
    offset 0
  ) as c;
end;
$function$;

alter function memoriesdb._similar_terms(uuid, text[], boolean) owner to memoriesdb_definer;
revoke all on function memoriesdb._similar_terms(uuid, text[], boolean) from public;
comment on function memoriesdb._similar_terms(uuid, text[], boolean) is
'Words of one owner that are spelt like those of a query that he has not (the 8 longest of them), '
'by trigrams (0.4 to 1): those with the same first letter, or where there are none and the query '
'has no other words (is_whole) all; up to 8, with how many documents have them.';
