-- Owned by memoriesdb_owner: only the owner of a table detaches a partition. The only statements
-- are of fixed shape with a number.
create or replace function memoriesdb.detach_audit_partition(
  partition_no bigint, file_sha256 bytea, entry_count bigint default null
)
returns bigint
language plpgsql
volatile
parallel unsafe
security definer -- detaches a table
set search_path = pg_catalog, pg_temp
-- Whoever reads or writes the log makes this wait: try again later rather than queue all behind it.
set lock_timeout = '2s'
as $function$
declare
  v_size constant bigint := 1000000::bigint;
  v_name name := memoriesdb._audit_partition(partition_no);
  v_oldest name;
  v_used_no bigint;
  v_archive memoriesdb.ledger_archives;
begin
  if file_sha256 is null or octet_length(file_sha256) <> 32 then
    raise exception 'file_sha256 is not a SHA-256' using
      errcode = 'MD110', hint = 'Give the 32 bytes that memoriesdb ledger archive printed.';
  end if;
  -- From here on nobody is about to write an entry: who drew a number has the lock or waits for it.
  lock table memoriesdb.audit_log in access exclusive mode;
  v_oldest := memoriesdb._oldest_audit_partition();
  v_used_no := (
    select s.last_value / v_size from pg_catalog.pg_sequences as s
    where s.schemaname = 'memoriesdb' and s.sequencename = 'audit_log_audit_id_seq'
  );
  if v_oldest is distinct from v_name or partition_no >= v_used_no then
    raise exception 'partition % cannot be detached', partition_no using
      errcode = 'MD405',
      detail = case
        when v_oldest = v_name then 'Entries are still written to it.'
        when partition_no > v_used_no then 'No entry has come to it yet.'
        else format('The oldest that is attached is %s.', coalesce(v_oldest, 'none')) end,
      hint = 'The oldest one can be detached, once entries are written to the next one.';
  end if;
  v_archive := (
    partition_no, partition_no * v_size, partition_no * v_size + v_size - 1, 0, '{}', file_sha256,
    clock_timestamp(), session_user
  )::memoriesdb.ledger_archives;
  v_archive := memoriesdb._count_archive(v_archive);
  if v_archive.entry_count <> detach_audit_partition.entry_count then
    raise exception 'the archive is not of all entries' using
      errcode = 'MD406',
      detail = format('The partition holds %s, the archive %s.',
        v_archive.entry_count, detach_audit_partition.entry_count),
      hint = 'Write the archive again.';
  end if;
  execute format('alter table memoriesdb.audit_log detach partition memoriesdb.%I', v_name);
  -- The table's own trigger has gone with it.
  execute format(
    'create trigger _900_refuse_change before update or delete on memoriesdb.%I '
    'for each row execute function memoriesdb.tg_refuse_change()', v_name
  );
  execute format('alter table memoriesdb.%I enable always trigger _900_refuse_change', v_name);
  execute format(
    'comment on trigger _900_refuse_change on memoriesdb.%I is %L', v_name, 'Append-only.'
  );
  execute format('comment on table memoriesdb.%I is %L', v_name, format(
    'Entries %s to %s of audit_log, detached: to be dumped where the archive is not enough, and '
    'dropped.', v_archive.first_audit_id, v_archive.last_audit_id
  ));
  perform memoriesdb._record_archive(v_archive);
  return v_archive.entry_count;
end;
$function$;

alter function memoriesdb.detach_audit_partition(bigint, bytea, bigint) owner to memoriesdb_owner;
revoke all on function memoriesdb.detach_audit_partition(bigint, bytea, bigint) from public;
grant execute on function memoriesdb.detach_audit_partition(bigint, bytea, bigint)
to memoriesdb_admin;
comment on function memoriesdb.detach_audit_partition(bigint, bytea, bigint) is
'Detach the oldest partition of audit_log, whose entries were written to an archive with this '
'SHA-256 (memoriesdb_admin; `memoriesdb ledger archive` does both). It stays as a table of its '
'own, closed as before, for a DBA to drop; payloads stay where they are, so that erasure reaches '
'them. Recorded in ledger_archives and in the ledger. Returns how many entries it holds; given '
'entry_count, it must be that. Raises MD110, MD402 (not all are sealed), MD405 (not the oldest, or '
'in use), MD406 (another number of entries).';
