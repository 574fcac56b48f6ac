-- Each part is a zero byte for null, or a one byte, the length in bytes as int8, and the bytes: no
-- two payloads encode alike.
create or replace function memoriesdb._payload_commitment(
  salt bytea, before jsonb, after jsonb, application_name text, reason text
)
returns bytea
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
  select sha256(convert_to('memoriesdb.payload.v1', 'UTF8') || '\x00'::bytea || salt || string_agg(
    case when part is null then '\x00'::bytea
      else '\x01'::bytea || int8send(octet_length(convert_to(part, 'UTF8')))
        || convert_to(part, 'UTF8') end,
    ''::bytea order by position
  ))
  from unnest(array[before::text, after::text, application_name, reason])
    with ordinality as p (part, position);
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
