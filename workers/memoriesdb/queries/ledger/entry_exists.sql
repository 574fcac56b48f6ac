-- Whether there is an entry of this number.
select exists (select from memoriesdb.audit_log as a where a.audit_id = %(audit_id)s::bigint);
