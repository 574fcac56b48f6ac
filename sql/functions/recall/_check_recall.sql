create or replace function memoriesdb._check_recall(
  query text, k integer, query_embedding @extschema:vector@.vector, metadata_filter jsonb
)
returns void
language plpgsql
stable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
begin
  if query_embedding is null and (query is null or query !~ '[^[:space:]]') then
    raise exception 'query is empty' using
      errcode = 'MD101', hint = 'Give a text, or a query_embedding.';
  end if;
  if octet_length(query) > memoriesdb._setting('max_content_bytes')::integer then
    raise exception 'query is too long' using
      errcode = 'MD102',
      detail = format(
        'It has %s bytes, the limit is %s.', octet_length(query),
        memoriesdb._setting('max_content_bytes')
      ),
      hint = 'Ask with fewer words.';
  end if;
  if @extschema:vector@.vector_norm(query_embedding) = 0 then
    raise exception 'query_embedding is a zero vector' using
      errcode = 'MD109',
      detail = 'It points nowhere: everything would be equally near.',
      hint = 'Embed the query with the active model (embedding_models.is_active), or leave '
        'query_embedding out.';
  end if;
  if k is null or k not between 1 and 1000 then
    raise exception 'k is out of range' using
      errcode = 'MD108', hint = 'Give a number from 1 to 1000.';
  end if;
  if metadata_filter is not null and jsonb_typeof(metadata_filter) <> 'object' then
    raise exception 'metadata_filter is not a JSON object' using
      errcode = 'MD104',
      hint = 'Give an object that the metadata must contain, such as {"speaker": "Ada"}.';
  end if;
end;
$function$;

alter function memoriesdb._check_recall(text, integer, @extschema:vector@.vector, jsonb)
owner to memoriesdb_definer;
revoke all on function memoriesdb._check_recall(text, integer, @extschema:vector@.vector, jsonb)
from public;
grant execute on function memoriesdb._check_recall(text, integer, @extschema:vector@.vector, jsonb)
to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._check_recall(text, integer, @extschema:vector@.vector, jsonb) is
'Raises MD101, MD102, MD104, MD108 or MD109 for a recall with bad arguments.';
