-- Detach an archived partition: the SHA-256 of its file and the number of its entries are recorded.
select memoriesdb.detach_audit_partition(
  %(partition_no)s::bigint, %(sha256)s::bytea, %(entries)s::bigint
);
