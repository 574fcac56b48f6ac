create or replace function memoriesdb._similar_terms(owner_id uuid, terms text[], is_whole boolean)
returns table (term text, similarity real, document_count bigint)
language plpgsql
stable
parallel safe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
as $function$
#variable_conflict use_column
begin
  -- Along the owner's words, from each to the next: of those that begin as the one that was asked
  -- for, or of all where nothing else was found; at most 10,000 of them.
  return query
  with recursive vocabulary as (
    select q.term as asked, w.term, 1 as number
    from unnest(terms) as q (term)
    cross join lateral (
      select t.term
      from memoriesdb.memory_terms as t
      where t.owner_id = _similar_terms.owner_id
        and t.term >= case when is_whole then '' else left(q.term, 1) end collate "C"
      order by t.term
      limit 1
    ) as w
    where char_length(q.term) >= 4
    union all
    select v.asked, w.term, v.number + 1
    from vocabulary as v
    cross join lateral (
      select t.term
      from memoriesdb.memory_terms as t
      where t.owner_id = _similar_terms.owner_id and t.term > v.term
      order by t.term
      limit 1
    ) as w
    where v.number < 10000 and (is_whole or left(v.term, 1) = left(v.asked, 1))
  ),

  -- Of memories that wait to be indexed, some.
  waiting as (
    select distinct u.lexeme as term
    from (
      select s.memory_id
      from memoriesdb.search_schedule as s
      where s.owner_id = _similar_terms.owner_id
      order by s.doc desc
      limit 200
    ) as s
    cross join lateral (
      select x.search from memoriesdb.memories as x
      where x.owner_id = _similar_terms.owner_id and x.id = s.memory_id
      offset 0
    ) as m
    cross join lateral unnest(m.search) as u
  )

  select b.term, b.similarity, c.document_count
  from (
    select s.term, max(s.similarity) as similarity
    from (
      select v.term::text as term, @extschema:pg_trgm@.similarity(v.asked, v.term) as similarity
      from (
        select v.asked, v.term from vocabulary as v
        -- The last step goes beyond the letter.
        where is_whole or left(v.term, 1) = left(v.asked, 1)
        union
        select q.term, w.term collate "C"
        from unnest(terms) as q (term)
        cross join waiting as w
        where char_length(q.term) >= 4 and (is_whole or left(w.term, 1) = left(q.term, 1))
      ) as v
      -- A word of another length is none that was meant.
      where abs(char_length(v.asked) - char_length(v.term)) <= 3
      offset 0
    ) as s
    where s.similarity >= 0.4
    group by s.term
    order by 2 desc
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
'Words of one owner that are spelt like those of a query that he has not, by trigrams (0.4 to 1): '
'those with the same first letter, or all (is_whole); up to 8, with how many documents have '
'them.';
