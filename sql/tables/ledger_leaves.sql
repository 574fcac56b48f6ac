-- What a block's root was made of. Nothing rests on it, since the root tells whether it is genuine:
-- with it a changed entry is named, and not its block alone, a proof needs no other entries, and
-- blocks whose entries are archived can still be checked.
create table memoriesdb.ledger_leaves (
  block_no bigint not null,
  leaves bytea not null,
  constraint ledger_leaves_pkey primary key (block_no),
  constraint ledger_leaves_are_hashes check (
    octet_length(leaves) > 0 and octet_length(leaves) % 32 = 0
  )
);
alter table memoriesdb.ledger_leaves enable row level security;
alter table memoriesdb.ledger_leaves force row level security;
-- Hashes do not compress. Each value is there once.
alter table memoriesdb.ledger_leaves
alter column leaves set storage external,
alter column leaves set statistics 0;
comment on table memoriesdb.ledger_leaves is
'The leaf hashes of each block of the ledger, 32 bytes an entry. Append-only.';
comment on column memoriesdb.ledger_leaves.block_no is 'ledger_blocks.block_no';
comment on column memoriesdb.ledger_leaves.leaves is
'Leaf hashes of the block''s entries one after the other, in order of (xid, audit_id).';
