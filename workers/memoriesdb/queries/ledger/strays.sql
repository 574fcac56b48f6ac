-- Entries within the sealed range of their incarnation that lie outside of their block's bounds: no
-- honest sealer left them out.
select a.audit_id, b.block_no
from memoriesdb.audit_log as a
cross join lateral (
  select b.block_no, b.low_audit_id, b.high_audit_id
  from memoriesdb.ledger_blocks as b
  where b.incarnation = a.incarnation
    and (b.last_xid, b.last_audit_id) >= (a.xid, a.audit_id)
  order by b.last_xid, b.last_audit_id
  limit 1
) as b
where a.audit_id not between b.low_audit_id and b.high_audit_id
order by b.block_no, a.audit_id
limit 20;
