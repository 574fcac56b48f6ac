create or replace function memoriesdb._proven_archives()
returns setof memoriesdb.ledger_archives
language plpgsql
stable
parallel safe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_newest bigint := memoriesdb._newest_sealed_archive();
begin
  return query
  select r.* from memoriesdb.ledger_archives as r
  where r.partition_no <= v_newest and not memoriesdb._is_attached(r.partition_no);
end;
$function$;

alter function memoriesdb._proven_archives() owner to memoriesdb_definer;
revoke all on function memoriesdb._proven_archives() from public;
comment on function memoriesdb._proven_archives() is
'The archives that the ledger vouches for, and whose partitions are gone: only their entries may '
'be missing. A row in ledger_archives alone proves nothing.';
