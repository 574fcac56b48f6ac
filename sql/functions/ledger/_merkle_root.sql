create or replace function memoriesdb._merkle_root(leaves bytea)
returns bytea
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
declare
  -- Read once where it comes from a table.
  v_level bytea := leaves || ''::bytea;
begin
  if octet_length(v_level) = 0 then
    return sha256(''::bytea);
  end if;
  while octet_length(v_level) > 32 loop
    v_level := memoriesdb._merkle_level(v_level);
  end loop;
  return v_level;
end;
$function$;

alter function memoriesdb._merkle_root(bytea) owner to memoriesdb_definer;
revoke all on function memoriesdb._merkle_root(bytea) from public;
grant execute on function memoriesdb._merkle_root(bytea) to memoriesdb_auditor;
comment on function memoriesdb._merkle_root(bytea) is
'Root of the Merkle tree of RFC 6962 over leaf hashes, given one after the other, 32 bytes each.';
