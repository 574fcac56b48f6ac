-- The first block whose bounds meet a range of entries; null where none does.
select min(b.block_no)
from memoriesdb.ledger_blocks as b
where b.low_audit_id <= %(last)s::bigint and b.high_audit_id >= %(first)s::bigint;
