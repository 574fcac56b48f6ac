create or replace function memoriesdb._candidate_count(k integer)
returns integer
language plpgsql
stable
parallel safe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
begin
  return greatest(
    memoriesdb._setting('recall_candidates')::integer,
    k,
    case
      when memoriesdb._setting('rerank_endpoint') <> '""'
        then memoriesdb._setting('rerank_candidates')::integer
    end,
    case
      when memoriesdb._setting('recall_diversity')::double precision > 0
        then least(5 * k, 1000)
    end
  );
end;
$function$;

alter function memoriesdb._candidate_count(integer) owner to memoriesdb_definer;
revoke all on function memoriesdb._candidate_count(integer) from public;
comment on function memoriesdb._candidate_count(integer) is
'How many of the best of each arm a recall of k (1 to 1000) weighs: settings.recall_candidates, '
'and as many as it returns, gives to the reranker, or chooses from by recall_diversity.';
