-- The partitions that were archived, as the table says: only the ledger can vouch for that. One
-- that is in audit_log by its name, or by any entry, is not gone.
select
  r.partition_no, r.first_audit_id, r.last_audit_id, r.entry_count, r.boundary_blocks,
  r.file_sha256, r.archived_at::text,
  exists (
    select from pg_catalog.pg_inherits as i
    inner join pg_catalog.pg_class as c on c.oid = i.inhrelid
    where i.inhparent = 'memoriesdb.audit_log'::regclass
      and c.relname = 'audit_log_' || lpad(r.partition_no::text, 6, '0')
  ) or exists (
    select from memoriesdb.audit_log as a
    where a.audit_id between r.first_audit_id and r.last_audit_id
  ) as is_attached
from memoriesdb.ledger_archives as r
order by r.partition_no;
