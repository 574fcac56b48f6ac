-- Each key holds the hash of the one before: a sealed entry ARCHIVE vouches for all archives up to
-- its own. The last one's is always in a partition that is not archived, since the one in use is
-- not detached.
create or replace function memoriesdb._archive_keys()
returns table (partition_no bigint, row_key jsonb)
language plpgsql
stable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_archive memoriesdb.ledger_archives;
  v_former text := repeat('00', 32);
begin
  for v_archive in select * from memoriesdb.ledger_archives as r order by r.partition_no loop
    partition_no := v_archive.partition_no;
    row_key := jsonb_build_object(
      'partition', memoriesdb._audit_partition(v_archive.partition_no),
      'partition_no', v_archive.partition_no,
      'first_audit_id', v_archive.first_audit_id,
      'last_audit_id', v_archive.last_audit_id,
      'entry_count', v_archive.entry_count,
      'boundary_blocks', v_archive.boundary_blocks,
      'file_sha256', encode(v_archive.file_sha256, 'hex'),
      'former_sha256', v_former
    );
    v_former := encode(sha256(convert_to(row_key::text, 'UTF8')), 'hex');
    return next;
  end loop;
end;
$function$;

alter function memoriesdb._archive_keys() owner to memoriesdb_definer;
revoke all on function memoriesdb._archive_keys() from public;
comment on function memoriesdb._archive_keys() is
'For each row of ledger_archives the row_key that its entry ARCHIVE must have: what was archived, '
'in which file, and the hash of the row_key of the archive before.';
