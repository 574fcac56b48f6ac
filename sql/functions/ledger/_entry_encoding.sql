-- Each field is its length as int4 and its bytes, as COPY … (format binary) writes them: an
-- outsider gets the same bytes without this function. A null is the length -1.
create or replace function memoriesdb._entry_encoding(entry memoriesdb.audit_log)
returns bytea
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_null constant bytea := E'\\xffffffff'::bytea;
  v_row_key text := entry.row_key::text;
begin
  return convert_to('memoriesdb.entry.v1', 'UTF8') || E'\\x00'::bytea
    || E'\\x00000008'::bytea || int8send(entry.audit_id)
    || E'\\x00000008'::bytea || timestamptz_send(entry.at)
    || E'\\x00000008'::bytea || xid8send(entry.xid)
    || E'\\x00000008'::bytea || int8send(entry.incarnation)
    || coalesce(E'\\x00000010'::bytea || uuid_send(entry.user_id), v_null)
    || coalesce(E'\\x00000010'::bytea || uuid_send(entry.token_id), v_null)
    || coalesce(E'\\x00000010'::bytea || uuid_send(entry.actor_id), v_null)
    || int4send(octet_length(entry.login::text)) || convert_to(entry.login::text, 'UTF8')
    || int4send(octet_length(entry.table_name::text)) || convert_to(entry.table_name::text, 'UTF8')
    || int4send(octet_length(entry.operation)) || convert_to(entry.operation, 'UTF8')
    || coalesce(E'\\x00000010'::bytea || uuid_send(entry.owner_id), v_null)
    || coalesce(E'\\x00000010'::bytea || uuid_send(entry.row_id), v_null)
    || int4send(octet_length(v_row_key)) || convert_to(v_row_key, 'UTF8')
    || int4send(octet_length(entry.commitment)) || entry.commitment;
end;
$function$;

alter function memoriesdb._entry_encoding(memoriesdb.audit_log) owner to memoriesdb_definer;
revoke all on function memoriesdb._entry_encoding(memoriesdb.audit_log) from public;
grant execute on function memoriesdb._entry_encoding(memoriesdb.audit_log) to memoriesdb_auditor;
comment on function memoriesdb._entry_encoding(memoriesdb.audit_log) is
'Encoding of an audit entry, version 1: the tag memoriesdb.entry.v1, a zero byte, and the fields '
'audit_id, at, xid, incarnation, user_id, token_id, actor_id, login, table_name, operation, '
'owner_id, row_id, row_key, commitment as binary COPY writes them.';
