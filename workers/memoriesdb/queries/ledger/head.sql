-- The ledger's size: number of its last block, and how many entries its blocks say they seal.
select coalesce(max(b.block_no), 0) as block_no, coalesce(sum(b.entry_count), 0) as entries
from memoriesdb.ledger_blocks as b;
