-- Partitions of the audit, of a million entries each, that should be there ahead and are not.
with sequence as (
  select coalesce(s.last_value, 0) / 1000000 + 1 as next
  from pg_catalog.pg_sequences as s
  where s.schemaname = 'memoriesdb' and s.sequencename = 'audit_log_audit_id_seq'
)

select p.name as detail
from sequence as s
cross join pg_catalog.unnest(array['audit_log', 'audit_payloads']) as t (name)
cross join lateral pg_catalog.format(
  '%s_%s', t.name, pg_catalog.lpad(s.next::text, 6, '0')
) as p (name)
where pg_catalog.to_regclass('memoriesdb.' || p.name) is null
order by p.name;
