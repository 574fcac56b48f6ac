create or replace function memoriesdb._ciphertext_header(
  content text, out key_id integer, out version integer, out memory_id uuid
)
returns record
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_parts text[] := regexp_match(
    left(content, 100),
    '^mdbenc1:([1-9][0-9]{0,8}):([1-9][0-9]{0,8}):'
    '([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}):'
  );
begin
  key_id := v_parts[1]::integer;
  version := v_parts[2]::integer;
  memory_id := v_parts[3]::uuid;
end;
$function$;

alter function memoriesdb._ciphertext_header(text) owner to memoriesdb_definer;
revoke all on function memoriesdb._ciphertext_header(text) from public;
grant execute on function memoriesdb._ciphertext_header(text)
to memoriesdb_owner, memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._ciphertext_header(text) is
'What a ciphertext says of itself (mdbenc1:<key>:<version>:<memory>:<base64>): the number of its '
'owner''s key, the version of the memory that it was made for, and the memory. Null for any other '
'text.';
