-- How many entries lie within the sealed range of their incarnation, how many after it, and since
-- how many seconds the oldest of these waits.
select
  count(e.incarnation) as sealed,
  count(*) - count(e.incarnation) as unsealed,
  min(a.at) filter (where e.incarnation is null)::text as oldest_unsealed_at,
  coalesce(
    extract(epoch from clock_timestamp() - min(a.at) filter (where e.incarnation is null)), 0
  )::double precision as lag_seconds
from memoriesdb.audit_log as a
left join unnest(
  %(incarnations)s::bigint[], %(xids)s::text[]::xid8[], %(audit_ids)s::bigint[]
) as e (incarnation, last_xid, last_audit_id)
  on a.incarnation = e.incarnation and (a.xid, a.audit_id) <= (e.last_xid, e.last_audit_id);
