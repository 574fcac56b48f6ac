create or replace function memoriesdb._rerank(query text, documents text[])
returns real[]
language plpgsql
volatile
parallel unsafe
security definer -- reads the endpoint's address: no caller chooses where texts go
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_endpoint text := memoriesdb._setting('rerank_endpoint') #>> '{}';
begin
  if v_endpoint = '' or query is null or query !~ '[^[:space:]]' or cardinality(documents) = 0 then
    return null;
  end if;
  begin
    return memoriesdb._rerank_texts(
      memoriesdb._setting('rerank_protocol') #>> '{}', v_endpoint,
      memoriesdb._setting('rerank_model') #>> '{}', query, documents,
      memoriesdb._setting('rerank_timeout_seconds')::double precision
    )::real[];
  exception
    when external_routine_exception or sqlstate 'MD501' or data_exception then
      -- What was found must be answered although the endpoint is away; the reason holds no text.
      raise notice 'recall goes on without reranking: %',
        left(regexp_replace(sqlerrm, '^[A-Za-z_.]+: ', ''), 200) using
        errcode = 'MD509',
        hint = 'An admin looks at the setting rerank_endpoint and at what answers there; '
          'set_setting(''rerank_endpoint'', ''""'') switches reranking off.';
      return null;
  end;
end;
$function$;

alter function memoriesdb._rerank(text, text[]) owner to memoriesdb_definer;
revoke all on function memoriesdb._rerank(text, text[]) from public;
grant execute on function memoriesdb._rerank(text, text[]) to memoriesdb_definer;
comment on function memoriesdb._rerank(text, text[]) is
'How well each text answers the query, in their order, by the cross-encoder at the address in '
'settings.rerank_endpoint; a greater score is a better answer, on the model''s own scale. Null '
'where that setting is empty, and, with a NOTICE, where the endpoint is away or PL/Python is not '
'installed.';
