-- Detach an archived partition; the SHA-256 of its file is recorded.
select memoriesdb.detach_audit_partition(%(partition_no)s::bigint, %(sha256)s::bytea)::text;
