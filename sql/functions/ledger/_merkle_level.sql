-- A level of the tree is one bytea, 32 bytes a node: the pairs lie beside each other, and no array
-- is walked.
create or replace function memoriesdb._merkle_level(level bytea)
returns bytea
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_count integer := octet_length(level) / 32;
begin
  return coalesce((
    select string_agg(
      sha256(E'\\x01'::bytea || substr(level, i * 64 + 1, 64)), ''::bytea order by i
    )
    from generate_series(0, v_count / 2 - 1) as i
  -- An odd one out goes up as it is.
  ), ''::bytea) || substr(level, v_count / 2 * 64 + 1);
end;
$function$;

alter function memoriesdb._merkle_level(bytea) owner to memoriesdb_definer;
revoke all on function memoriesdb._merkle_level(bytea) from public;
grant execute on function memoriesdb._merkle_level(bytea) to memoriesdb_auditor;
comment on function memoriesdb._merkle_level(bytea) is
'The next level of a Merkle tree of RFC 6962: of each two nodes of 32 bytes the SHA-256 of a one '
'byte and both.';
