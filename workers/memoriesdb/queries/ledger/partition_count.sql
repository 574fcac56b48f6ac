-- How many entries a range of numbers holds.
select count(*) from memoriesdb.audit_log as a
where a.audit_id between %(first)s::bigint and %(last)s::bigint;
