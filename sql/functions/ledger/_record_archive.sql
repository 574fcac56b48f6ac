create or replace function memoriesdb._record_archive(archive memoriesdb.ledger_archives)
returns void
language plpgsql
volatile
parallel unsafe
security definer -- nobody but the definer writes the audit; called by detach_audit_partition
set search_path = pg_catalog, pg_temp
as $function$
begin
  insert into memoriesdb.ledger_archives values (archive.*);
  perform memoriesdb._write_audit('ledger_archives', 'ARCHIVE', array[(
    null, null,
    (select k.row_key from memoriesdb._archive_keys() as k
      where k.partition_no = archive.partition_no),
    null, memoriesdb._archive_state(archive)
  )::memoriesdb._audit_entry]);
end;
$function$;

alter function memoriesdb._record_archive(memoriesdb.ledger_archives) owner to memoriesdb_definer;
revoke all on function memoriesdb._record_archive(memoriesdb.ledger_archives) from public;
grant execute on function memoriesdb._record_archive(memoriesdb.ledger_archives)
to memoriesdb_owner;
comment on function memoriesdb._record_archive(memoriesdb.ledger_archives) is
'Record an archive in ledger_archives and, by the row_key of an entry ARCHIVE, in the ledger.';
