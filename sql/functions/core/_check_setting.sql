-- What a value of the right type may still be wrong in.
create or replace function memoriesdb._check_setting(key text, value text)
returns void
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
begin
  if key = 'rerank_endpoint' and value <> ''
     and value !~ E'^https?://[^\\s@/?#]+(/[^\\s@?#]*)?$' then
    raise exception 'rerank_endpoint is not an address' using
      errcode = 'MD110',
      hint = 'Give http://host:port or https://host/path, without credentials; ''""'' switches '
        'reranking off.';
  end if;
  if key = 'rerank_protocol' and value not in ('cohere', 'tei') then
    raise exception 'unknown rerank_protocol' using
      errcode = 'MD110',
      hint = 'Protocols are cohere (Cohere''s, Jina''s and those like them) and tei '
        '(text-embeddings-inference).';
  end if;
  if key = 'recall_fusion' and value not in ('weighted', 'rrf') then
    raise exception 'unknown recall_fusion' using
      errcode = 'MD110',
      hint = 'Arms are added up by weighted or rrf.';
  end if;
end;
$function$;

alter function memoriesdb._check_setting(text, text) owner to memoriesdb_definer;
revoke all on function memoriesdb._check_setting(text, text) from public;
grant execute on function memoriesdb._check_setting(text, text) to memoriesdb_definer;
comment on function memoriesdb._check_setting(text, text) is
'Raises MD110 for an address or a name that set_setting may not set.';
