create or replace function memoriesdb._rarest_terms(owner_id uuid, terms text[], most integer)
returns text[]
language plpgsql
stable
parallel safe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
as $function$
declare
  v_counts bigint[];
  v_waiting text[];
begin
  -- Beyond 1,000 documents a word is as good as frequent.
  v_counts := array(
    select coalesce(f.document_count, c.document_count)
    from unnest(terms) with ordinality as q (term, number)
    left join lateral (
      select t.document_count::bigint
      from memoriesdb.frequent_terms as t
      where t.owner_id = _rarest_terms.owner_id and t.term = q.term
      offset 0
    ) as f
      on true
    left join lateral (
      select count(*) as document_count
      from (
        select from memoriesdb.memory_terms as t
        where f.document_count is null and t.owner_id = _rarest_terms.owner_id
          and t.term = q.term
        limit 1000
      ) as t
      offset 0
    ) as c
      on true
    order by q.number
  );
  v_waiting := memoriesdb._waiting_terms(owner_id, terms);
  return array(
    select q.term
    from unnest(terms, v_counts) as q (term, document_count)
    left join unnest(v_waiting) as w (term) on w.term = q.term
    order by q.document_count = 0 and w.term is null, q.document_count, q.term
    limit most
  );
end;
$function$;

alter function memoriesdb._rarest_terms(uuid, text[], integer) owner to memoriesdb_definer;
revoke all on function memoriesdb._rarest_terms(uuid, text[], integer) from public;
comment on function memoriesdb._rarest_terms(uuid, text[], integer) is
'Of these words as many as are asked for that the fewest memories of one owner have; those that '
'none has come last.';
