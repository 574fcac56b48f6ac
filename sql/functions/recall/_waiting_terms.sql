create or replace function memoriesdb._waiting_terms(owner_id uuid, terms text[])
returns text[]
language plpgsql
stable
parallel safe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
as $function$
begin
  return array(
    select u.lexeme
    from (
      select s.memory_id
      from memoriesdb.search_schedule as s
      where s.owner_id = _waiting_terms.owner_id
      order by s.doc desc
      limit 1000
    ) as s
    cross join lateral (
      select x.search from memoriesdb.memories as x
      where x.owner_id = _waiting_terms.owner_id and x.id = s.memory_id
      offset 0
    ) as m
    cross join lateral unnest(m.search) as u
    -- Hashed: compared one by one, a pasted text took minutes.
    intersect
    select q.term from unnest(terms) as q (term)
  );
end;
$function$;

alter function memoriesdb._waiting_terms(uuid, text[]) owner to memoriesdb_definer;
revoke all on function memoriesdb._waiting_terms(uuid, text[]) from public;
comment on function memoriesdb._waiting_terms(uuid, text[]) is
'Which of these words stand in memories of one owner that wait to be indexed, of his newest 1,000.';
