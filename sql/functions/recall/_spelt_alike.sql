create or replace function memoriesdb._spelt_alike(
  owner_id uuid, terms text[], is_by_letter boolean
)
returns table (asked text, term text, similarity real)
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
declare
  v_most_steps integer := case
    when is_by_letter then greatest(2000 / greatest(cardinality(terms), 1), 500) else 10000
  end;
begin
  if terms = '{}' then
    return;
  end if;
  return query
  -- Along the owner's words: within the letter from where each would stand, up and down, so that of
  -- however many words those are met that share most with it; else once from the first for all.
  with recursive walk as (
    select q.term as asked, coalesce(q.term, '') collate "C" as term, d.is_up, 0 as number
    from unnest(case when is_by_letter then terms else array[null::text] end) as q (term)
    cross join (values (true), (false)) as d (is_up)
    where is_by_letter or d.is_up
    union all
    select w.asked, n.term, w.is_up, w.number + 1
    from walk as w
    cross join lateral (
      (
        select t.term
        from memoriesdb.memory_terms as t
        where w.is_up and t.owner_id = _spelt_alike.owner_id and t.term > w.term
        order by t.term
        limit 1
      )
      union all
      (
        select t.term
        from memoriesdb.memory_terms as t
        where not w.is_up and t.owner_id = _spelt_alike.owner_id and t.term < w.term
        order by t.term desc
        limit 1
      )
    ) as n
    where w.number < v_most_steps and (not is_by_letter or left(n.term, 1) = left(w.asked, 1))
  ),

  -- Of memories that wait to be indexed, some.
  waiting as (
    select distinct u.lexeme as term
    from (
      select s.memory_id
      from memoriesdb.search_schedule as s
      where s.owner_id = _spelt_alike.owner_id
      order by s.doc desc
      limit 200
    ) as s
    cross join lateral (
      select x.search from memoriesdb.memories as x
      where x.owner_id = _spelt_alike.owner_id and x.id = s.memory_id
      offset 0
    ) as m
    cross join lateral unnest(m.search) as u
  )

  select s.asked, s.term::text, s.similarity
  from (
    select q.term as asked, v.term, @extschema:pg_trgm@.similarity(q.term, v.term) as similarity
    from (
      select w.asked, w.term from walk as w
      union
      select null, w.term collate "C" from waiting as w
    ) as v
    join unnest(terms) as q (term)
      on (v.asked = q.term or v.asked is null)
        and (not is_by_letter or left(v.term, 1) = left(q.term, 1))
        -- A word of another length is none that was meant.
        and abs(char_length(q.term) - char_length(v.term)) <= 3
    where v.term <> q.term
    offset 0
  ) as s
  where s.similarity >= 0.4;
end;
$function$;

alter function memoriesdb._spelt_alike(uuid, text[], boolean) owner to memoriesdb_definer;
revoke all on function memoriesdb._spelt_alike(uuid, text[], boolean) from public;
comment on function memoriesdb._spelt_alike(uuid, text[], boolean) is
'Words of one owner whose trigrams are like those of the given ones (0.4 to 1): with the same '
'first letter, of very many those that stand nearest in the order of the alphabet; or of all, of '
'very many the first 10,000.';
