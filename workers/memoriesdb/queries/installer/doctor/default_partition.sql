-- Default partitions with entries: nobody made the partitions that these belong to.
select 'audit_log_default' as detail
where exists(select from memoriesdb.audit_log_default)
union all
select 'audit_payloads_default' as detail
where exists(select from memoriesdb.audit_payloads_default);
