create or replace function memoriesdb._verify_archives()
returns table (audit_id bigint, problem text, detail text)
language plpgsql
stable
parallel safe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
begin
  return query
  select r.first_audit_id, 'archive is not in the ledger',
    format('No sealed entry ARCHIVE says that partition %s was detached so.', r.partition_no)
  from memoriesdb.ledger_archives as r
  where r.partition_no > coalesce(memoriesdb._newest_sealed_archive(), -1)
  union all
  select r.first_audit_id, 'archived partition is here',
    format('Partition %s is in audit_log, or entries of its range are.', r.partition_no)
  from memoriesdb.ledger_archives as r
  where memoriesdb._is_attached(r.partition_no)
  union all
  select a.audit_id, 'archive is not as the ledger says',
    'The row in ledger_archives that this entry tells of was changed or removed.'
  from memoriesdb.audit_log as a
  where a.operation = 'ARCHIVE'
    and not exists (select from memoriesdb._archive_keys() as k where k.row_key = a.row_key);
end;
$function$;

alter function memoriesdb._verify_archives() owner to memoriesdb_definer;
revoke all on function memoriesdb._verify_archives() from public;
comment on function memoriesdb._verify_archives() is
'Archives that the ledger does not vouch for, or not yet, and such as the log contradicts: their '
'entries are missing.';
