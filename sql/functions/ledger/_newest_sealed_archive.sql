create or replace function memoriesdb._newest_sealed_archive()
returns bigint
language plpgsql
stable
parallel safe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
begin
  if not exists (select from memoriesdb.ledger_archives) then
    return null; -- no need to go through the log
  end if;
  return (
    select max(k.partition_no)
    from memoriesdb.audit_log as a
    join memoriesdb._archive_keys() as k on k.row_key = a.row_key
    cross join lateral (
      select b.block_no from memoriesdb.ledger_blocks as b
      where b.incarnation = a.incarnation
        and (b.last_xid, b.last_audit_id) >= (a.xid, a.audit_id)
      order by b.last_xid, b.last_audit_id
      limit 1
    ) as s
    join memoriesdb.ledger_leaves as l on l.block_no = s.block_no
    where a.operation = 'ARCHIVE' and a.table_name = 'ledger_archives'
      -- Within the range of a block is not in it.
      and exists (
        select from generate_series(0, octet_length(l.leaves) / 32 - 1) as i
        where substr(l.leaves, i * 32 + 1, 32) = memoriesdb._leaf_hash(a)
      )
  );
end;
$function$;

alter function memoriesdb._newest_sealed_archive() owner to memoriesdb_definer;
revoke all on function memoriesdb._newest_sealed_archive() from public;
comment on function memoriesdb._newest_sealed_archive() is
'The last archive whose entry ARCHIVE is sealed and says just what its row in ledger_archives '
'does: with it all before it are proven. Null where there is none.';
