-- Numbers of the partitions of audit_log that were detached after they were written to an archive.
select a.partition_no from memoriesdb.ledger_archives as a;
