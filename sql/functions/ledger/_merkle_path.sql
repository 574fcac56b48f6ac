create or replace function memoriesdb._merkle_path(leaves bytea, index integer)
returns bytea[]
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_level bytea := leaves || ''::bytea;
  v_index integer := index;
  v_path bytea[] := '{}'::bytea[];
begin
  while octet_length(v_level) > 32 loop
    -- The last of an odd number has no neighbour on this level.
    if (v_index # 1) * 32 < octet_length(v_level) then
      v_path := v_path || substr(v_level, (v_index # 1) * 32 + 1, 32);
    end if;
    v_level := memoriesdb._merkle_level(v_level);
    v_index := v_index / 2;
  end loop;
  return v_path;
end;
$function$;

alter function memoriesdb._merkle_path(bytea, integer) owner to memoriesdb_definer;
revoke all on function memoriesdb._merkle_path(bytea, integer) from public;
grant execute on function memoriesdb._merkle_path(bytea, integer) to memoriesdb_auditor;
comment on function memoriesdb._merkle_path(bytea, integer) is
'Inclusion proof of RFC 6962 for the leaf with this index, from 0: the neighbours on the way from '
'the leaf to the root.';
