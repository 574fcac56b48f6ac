-- The next payloads of an archived partition, in binary: their entries are in its file.
copy (
  select
    p.audit_id, p.salt, p.before::text, p.after::text, p.application_name, p.reason, p.owner_id,
    p.row_id, p.target_id::text
  from memoriesdb.audit_payloads as p
  where p.audit_id > cast(%(after)s as bigint) and p.audit_id <= cast(%(last)s as bigint)
  order by p.audit_id
  limit 20000
) to stdout (format binary);
