create or replace function memoriesdb._query_terms(
  owner_id uuid, terms text[], posting_budget integer
)
returns table (driving text[], probed text[], probed_counts bigint[], unknown text[])
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
  v_read bigint := 0;
begin
  driving := '{}';
  probed := '{}';
  probed_counts := '{}';
  unknown := '{}';
  -- The rare words first: a frequent one alone has a count, and is read while the budget lasts.
  for v_term, v_count in
    select q.term, f.document_count
    from unnest(terms) as q (term)
    left join lateral (
      select t.document_count
      from memoriesdb.frequent_terms as t
      where t.owner_id = _query_terms.owner_id and t.term = q.term
      offset 0
    ) as f
      on true
    order by f.document_count nulls first
  loop
    v_read := v_read + coalesce(v_count, 0);
    if v_count is null and not exists (
      select from memoriesdb.memory_terms as t
      where t.owner_id = _query_terms.owner_id and t.term = v_term
    ) then
      unknown := unknown || v_term;
      driving := driving || v_term;
    elsif v_read <= posting_budget or driving = '{}' or v_count is null then
      driving := driving || v_term;
    else
      probed := probed || v_term;
      probed_counts := probed_counts || v_count;
    end if;
  end loop;
  return next;
end;
$function$;

alter function memoriesdb._query_terms(uuid, text[], integer) owner to memoriesdb_definer;
revoke all on function memoriesdb._query_terms(uuid, text[], integer) from public;
comment on function memoriesdb._query_terms(uuid, text[], integer) is
'How the keyword arm reads the words of a query: driving, whose postings are all read; probed, '
'frequent ones beyond the budget, which are looked up for the candidates alone, with how many '
'documents have them; unknown, among driving, which no indexed memory of the owner has.';
