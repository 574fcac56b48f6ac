-- How many entries the blocks before one say they seal.
select coalesce(sum(b.entry_count), 0)
from memoriesdb.ledger_blocks as b
where b.block_no < %(block_no)s::bigint;
