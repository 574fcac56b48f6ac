-- How many payloads a range of numbers holds.
select count(*) from memoriesdb.audit_payloads as p
where p.audit_id between %(first)s::bigint and %(last)s::bigint;
