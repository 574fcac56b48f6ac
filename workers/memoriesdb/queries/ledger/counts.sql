-- How many entries lie within the sealed range of their incarnation, and how many after it.
select
  count(e.incarnation) as sealed,
  count(*) - count(e.incarnation) as unsealed,
  min(a.at) filter (where e.incarnation is null)::text as oldest_unsealed_at
from memoriesdb.audit_log as a
left join unnest(
  %(incarnations)s::bigint[], %(xids)s::text[]::xid8[], %(audit_ids)s::bigint[]
) as e (incarnation, last_xid, last_audit_id)
  on a.incarnation = e.incarnation and (a.xid, a.audit_id) <= (e.last_xid, e.last_audit_id);
