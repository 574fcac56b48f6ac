-- The blocks whose bounds meet a range of entries.
select b.block_no
from memoriesdb.ledger_blocks as b
where b.low_audit_id <= %(last)s::bigint and b.high_audit_id >= %(first)s::bigint
order by b.block_no;
