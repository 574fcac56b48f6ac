-- The last entry of the audit log about a memory.
select max(a.audit_id)
from memoriesdb.audit_log as a
where a.table_name = 'memories' and a.row_id = %(memory_id)s::uuid;
