-- Where the blocks up to one of them end, for each incarnation.
select distinct on (b.incarnation)
  b.incarnation, b.last_xid::text as last_xid, b.last_audit_id
from memoriesdb.ledger_blocks as b
where b.block_no <= %(upto)s::bigint
order by b.incarnation, b.block_no desc;
