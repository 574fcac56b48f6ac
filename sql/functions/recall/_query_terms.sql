create or replace function memoriesdb._query_terms(
  owner_id uuid, terms text[], posting_budget integer
)
returns table (
  driving text[],
  driving_counts bigint[],
  probed text[],
  probed_counts bigint[],
  unknown text[]
)
language plpgsql
stable
parallel safe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
as $function$
declare
  v_term text;
  v_count bigint;
  v_read bigint := 0::bigint;
  v_is_frequent boolean;
  v_is_driven boolean := false;
  v_waiting text[];
begin
  if cardinality(terms) > 200 then
    terms := memoriesdb._rarest_terms(owner_id, terms, 200);
  end if;
  driving := '{}';
  driving_counts := '{}';
  probed := '{}';
  probed_counts := '{}';
  unknown := '{}';
  -- The rare words first; a frequent one is read while the budget lasts.
  for v_term, v_count, v_is_frequent in
    select q.term, coalesce(f.document_count, c.document_count), f.document_count is not null
    from unnest(terms) as q (term)
    left join lateral (
      select t.document_count::bigint
      from memoriesdb.frequent_terms as t
      where t.owner_id = _query_terms.owner_id and t.term = q.term
      offset 0
    ) as f
      on true
    left join lateral (
      select count(*) as document_count
      from memoriesdb.memory_terms as t
      where f.document_count is null and t.owner_id = _query_terms.owner_id and t.term = q.term
      offset 0
    ) as c
      on true
    order by 2
  loop
    v_read := v_read + v_count;
    -- Words that no indexed memory has drive nothing.
    if v_is_frequent and v_read > posting_budget and v_is_driven then
      probed := probed || v_term;
      probed_counts := probed_counts || v_count;
    else
      driving := driving || v_term;
      driving_counts := driving_counts || v_count;
      v_is_driven := v_is_driven or v_count > 0;
      if v_count = 0 then
        unknown := unknown || v_term;
      end if;
    end if;
  end loop;
  if unknown <> '{}' then
    v_waiting := memoriesdb._waiting_terms(owner_id, unknown);
    unknown := array(
      select q.term from unnest(unknown) as q (term) where q.term <> all (v_waiting)
    );
  end if;
  return next;
end;
$function$;

alter function memoriesdb._query_terms(uuid, text[], integer) owner to memoriesdb_definer;
revoke all on function memoriesdb._query_terms(uuid, text[], integer) from public;
comment on function memoriesdb._query_terms(uuid, text[], integer) is
'How the keyword arm reads the words of a query: driving, whose postings are all read; probed, '
'frequent ones beyond the budget, which are looked up for the candidates alone; each with how many '
'indexed documents have them; unknown, among driving, which no memory of the owner has. Of more '
'than 200 words the rarest are read and no others.';
