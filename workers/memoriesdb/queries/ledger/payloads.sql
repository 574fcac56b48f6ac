-- The next entries with their payloads, in binary, to compare each with its commitment.
copy (
  select
    a.audit_id, a.commitment, a.operation, p.audit_id, p.salt, p.before::text, p.after::text,
    p.application_name, p.reason,
    (p.owner_id, p.row_id, p.target_id::text)
    is not distinct from (a.owner_id, a.row_id, a.row_key ->> 'target_id')
  from memoriesdb.audit_log as a
  left join memoriesdb.audit_payloads as p on p.audit_id = a.audit_id
  where a.audit_id > cast(%(after)s as bigint)
  order by a.audit_id
  limit 20000
) to stdout (format binary);
