create or replace function memoriesdb._stream_id(stream text)
returns uuid
language plpgsql
immutable
parallel safe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
begin
  return encode(substr(sha256(convert_to(stream, 'UTF8')), 1, 16), 'hex')::uuid;
end;
$function$;

alter function memoriesdb._stream_id(text) owner to memoriesdb_definer;
revoke all on function memoriesdb._stream_id(text) from public;
comment on function memoriesdb._stream_id(text) is
'Number of a stream in the search structures, by its name: half of its SHA-256.';
