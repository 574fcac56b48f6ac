create or replace function memoriesdb._content_commitments(salt bytea, content_hashes jsonb)
returns jsonb
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
  select coalesce(
    jsonb_agg(encode(sha256(salt || decode(h.value, 'hex')), 'hex') order by h.position), '[]'
  )
  from jsonb_array_elements_text(content_hashes) with ordinality as h (value, position);
$function$;

alter function memoriesdb._content_commitments(bytea, jsonb) owner to memoriesdb_definer;
revoke all on function memoriesdb._content_commitments(bytea, jsonb) from public;
grant execute on function memoriesdb._content_commitments(bytea, jsonb) to memoriesdb_owner;
comment on function memoriesdb._content_commitments(bytea, jsonb) is
'SHA-256 of the salt and each content hash (hex), in order: what the ledger keeps of a receipt.';
