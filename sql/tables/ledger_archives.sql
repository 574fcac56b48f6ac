create table memoriesdb.ledger_archives (
  partition_no bigint not null,
  first_audit_id bigint not null,
  last_audit_id bigint not null,
  entry_count bigint not null,
  boundary_blocks jsonb not null default '{}',
  file_sha256 bytea not null,
  archived_at timestamptz not null,
  archived_by_login name not null,
  constraint ledger_archives_pkey primary key (partition_no),
  constraint ledger_archives_range_is_not_empty check (first_audit_id <= last_audit_id),
  constraint ledger_archives_file_sha256_is_sha256 check (octet_length(file_sha256) = 32)
);
alter table memoriesdb.ledger_archives enable row level security;
alter table memoriesdb.ledger_archives force row level security;
-- Each value is there once.
alter table memoriesdb.ledger_archives
alter column boundary_blocks set statistics 0,
alter column file_sha256 set statistics 0;
comment on table memoriesdb.ledger_archives is
'Partitions of audit_log that were detached and archived: their entries are in a file, their '
'blocks stay. Append-only.';
comment on column memoriesdb.ledger_archives.partition_no is
'Number in the name of the partition: audit_id / 1,000,000.';
comment on column memoriesdb.ledger_archives.first_audit_id is 'First audit_id of the partition.';
comment on column memoriesdb.ledger_archives.last_audit_id is 'Last audit_id of the partition.';
comment on column memoriesdb.ledger_archives.entry_count is 'How many entries the archive holds.';
comment on column memoriesdb.ledger_archives.boundary_blocks is
'An object: for each block that lies in it in part, how many of the block''s entries the archive '
'holds.';
comment on column memoriesdb.ledger_archives.file_sha256 is
'SHA-256 of the archive, as `memoriesdb ledger archive` wrote it.';
comment on column memoriesdb.ledger_archives.archived_at is 'When it was detached.';
comment on column memoriesdb.ledger_archives.archived_by_login is 'Login that did.';
