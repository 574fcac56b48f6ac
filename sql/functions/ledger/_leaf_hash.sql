create or replace function memoriesdb._leaf_hash(entry memoriesdb.audit_log)
returns bytea
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
begin
  return sha256(E'\\x00'::bytea || memoriesdb._entry_encoding(entry));
end;
$function$;

alter function memoriesdb._leaf_hash(memoriesdb.audit_log) owner to memoriesdb_definer;
revoke all on function memoriesdb._leaf_hash(memoriesdb.audit_log) from public;
grant execute on function memoriesdb._leaf_hash(memoriesdb.audit_log) to memoriesdb_auditor;
comment on function memoriesdb._leaf_hash(memoriesdb.audit_log) is
'Leaf of an audit entry in the tree of its block: SHA-256 of a zero byte and _entry_encoding().';
