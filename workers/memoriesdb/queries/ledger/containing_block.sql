-- The number of the block whose range an entry lies in; no row where it is not sealed.
select b.block_no
from memoriesdb.audit_log as a
inner join memoriesdb.ledger_blocks as b
  on b.incarnation = a.incarnation and (b.last_xid, b.last_audit_id) >= (a.xid, a.audit_id)
where a.audit_id = %(audit_id)s::bigint
order by b.block_no
limit 1;
