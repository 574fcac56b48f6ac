-- Each part is a zero byte for null, or a one byte, the length in bytes as int8, and the bytes: no
-- two payloads encode alike.
create or replace function memoriesdb._payload_commitment(
  salt bytea, before jsonb, after jsonb, application_name text, reason text
)
returns bytea
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_null constant bytea := E'\\x00'::bytea;
  v_before bytea := convert_to(before::text, 'UTF8');
  v_after bytea := convert_to(after::text, 'UTF8');
  v_application_name bytea := convert_to(application_name, 'UTF8');
  v_reason bytea := convert_to(reason, 'UTF8');
begin
  return sha256(
    convert_to('memoriesdb.payload.v1', 'UTF8') || E'\\x00'::bytea || salt
    || coalesce(E'\\x01'::bytea || int8send(octet_length(v_before)) || v_before, v_null)
    || coalesce(E'\\x01'::bytea || int8send(octet_length(v_after)) || v_after, v_null)
    || coalesce(
      E'\\x01'::bytea || int8send(octet_length(v_application_name)) || v_application_name, v_null
    )
    || coalesce(E'\\x01'::bytea || int8send(octet_length(v_reason)) || v_reason, v_null)
  );
end;
$function$;

alter function memoriesdb._payload_commitment(bytea, jsonb, jsonb, text, text)
owner to memoriesdb_definer;
revoke all on function memoriesdb._payload_commitment(bytea, jsonb, jsonb, text, text) from public;
grant execute on function memoriesdb._payload_commitment(bytea, jsonb, jsonb, text, text)
to memoriesdb_auditor;
comment on function memoriesdb._payload_commitment(bytea, jsonb, jsonb, text, text) is
'Commitment to an audit payload, version 1: SHA-256 of the tag memoriesdb.payload.v1, a zero '
'byte, the salt (16 bytes) and before, after (as jsonb text), application_name and reason, each '
'with its length.';
