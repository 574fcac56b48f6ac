-- The partitions that were archived.
select
  r.partition_no, r.first_audit_id, r.last_audit_id, r.entry_count, r.file_sha256
from memoriesdb.ledger_archives as r
order by r.partition_no;
