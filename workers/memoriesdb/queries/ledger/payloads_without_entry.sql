-- Payloads that belong to no entry of the log, nor lie in a partition that was archived.
select p.audit_id
from memoriesdb.audit_payloads as p
where not exists (select from memoriesdb.audit_log as a where a.audit_id = p.audit_id)
  and not p.audit_id <@ %(archived)s::int8multirange
order by p.audit_id
limit 101;
