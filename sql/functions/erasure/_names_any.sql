create or replace function memoriesdb._names_any(haystack text, needles jsonb)
returns boolean
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
  -- UUIDs and SHA-256 in hex, wherever they stand; the needles are keys, which are found by search.
  select jsonb_exists_any(needles, array(
    select m[1]
    from regexp_matches(
      lower(haystack), '[0-9a-f]{64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}', 'g'
    ) as m
  ));
$function$;

alter function memoriesdb._names_any(text, jsonb) owner to memoriesdb_owner;
revoke all on function memoriesdb._names_any(text, jsonb) from public;
comment on function memoriesdb._names_any(text, jsonb) is
'Whether a text holds one of these ids or hashes, which are the keys of a JSON object.';
