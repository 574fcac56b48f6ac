create or replace function memoriesdb._block_hash(block memoriesdb.ledger_blocks)
returns bytea
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
begin
  return sha256(
    convert_to('memoriesdb.block.v1', 'UTF8') || E'\\x00'::bytea
    || E'\\x00000008'::bytea || int8send(block.block_no)
    || int4send(octet_length(block.previous_hash)) || block.previous_hash
    || int4send(octet_length(block.root)) || block.root
    || E'\\x00000008'::bytea || int8send(block.entry_count)
    || E'\\x00000008'::bytea || int8send(block.incarnation)
    || E'\\x00000008'::bytea || xid8send(block.last_xid)
    || E'\\x00000008'::bytea || int8send(block.last_audit_id)
    || E'\\x00000008'::bytea || int8send(block.low_audit_id)
    || E'\\x00000008'::bytea || int8send(block.high_audit_id)
    || E'\\x00000008'::bytea || timestamptz_send(block.sealed_at)
  );
end;
$function$;

alter function memoriesdb._block_hash(memoriesdb.ledger_blocks) owner to memoriesdb_definer;
revoke all on function memoriesdb._block_hash(memoriesdb.ledger_blocks) from public;
grant execute on function memoriesdb._block_hash(memoriesdb.ledger_blocks) to memoriesdb_auditor;
comment on function memoriesdb._block_hash(memoriesdb.ledger_blocks) is
'Hash of a block, version 1: SHA-256 of the tag memoriesdb.block.v1, a zero byte, and its columns '
'but the hash, as binary COPY writes them.';
