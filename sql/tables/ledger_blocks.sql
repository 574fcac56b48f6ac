-- The entries of audit_log in the order in which their transactions ended as seen by the sealer:
-- by incarnation, and within it by (xid, audit_id). A block is a range of that order, so no entry
-- is marked, and none can be in two.
create table memoriesdb.ledger_blocks (
  block_no bigint not null,
  previous_hash bytea not null,
  root bytea not null,
  entry_count bigint not null,
  incarnation bigint not null,
  last_xid xid8 not null,
  last_audit_id bigint not null,
  low_audit_id bigint not null,
  high_audit_id bigint not null,
  sealed_at timestamptz not null,
  hash bytea not null,
  constraint ledger_blocks_pkey primary key (block_no),
  constraint ledger_blocks_block_no_is_positive check (block_no > 0),
  constraint ledger_blocks_is_not_empty check (
    entry_count > 0 and low_audit_id <= high_audit_id
    and last_audit_id between low_audit_id and high_audit_id
  ),
  constraint ledger_blocks_hashes_are_sha256 check (
    octet_length(previous_hash) = 32 and octet_length(root) = 32 and octet_length(hash) = 32
  )
);
create index ledger_blocks_incarnation_last_xid_idx
on memoriesdb.ledger_blocks (incarnation, last_xid, last_audit_id);
alter table memoriesdb.ledger_blocks enable row level security;
alter table memoriesdb.ledger_blocks force row level security;
-- Each value is there once: statistics would be a copy of the ledger.
alter table memoriesdb.ledger_blocks
alter column previous_hash set statistics 0,
alter column root set statistics 0,
alter column hash set statistics 0;
comment on table memoriesdb.ledger_blocks is
'The ledger: blocks of sealed audit entries, each with the root of a Merkle tree over its entries '
'(RFC 6962) and the hash of the block before. Append-only.';
comment on column memoriesdb.ledger_blocks.block_no is 'Number of the block, from 1, without gaps.';
comment on column memoriesdb.ledger_blocks.previous_hash is
'hash of the block before; 32 zero bytes in block 1.';
comment on column memoriesdb.ledger_blocks.root is
'Root of the Merkle tree over the leaf hashes of the entries, in order of (xid, audit_id).';
comment on column memoriesdb.ledger_blocks.entry_count is 'How many entries it seals.';
comment on column memoriesdb.ledger_blocks.incarnation is
'audit_log.incarnation of its entries: all are of one.';
comment on column memoriesdb.ledger_blocks.last_xid is
'xid of its last entry: with last_audit_id the end (inclusive) of its range; it begins after the '
'block before of the same incarnation.';
comment on column memoriesdb.ledger_blocks.last_audit_id is 'audit_id of its last entry.';
comment on column memoriesdb.ledger_blocks.low_audit_id is 'Least audit_id of its entries.';
comment on column memoriesdb.ledger_blocks.high_audit_id is 'Greatest audit_id of its entries.';
comment on column memoriesdb.ledger_blocks.sealed_at is 'When it was sealed, by the clock.';
comment on column memoriesdb.ledger_blocks.hash is
'SHA-256 over the other columns: see _block_hash().';
