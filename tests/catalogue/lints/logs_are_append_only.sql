-- Nobody but the owner, whom triggers refuse, could change an entry; erasure and retention remove payloads and
-- accesses, never entries of the audit.
select format('%s may %s %s', r.rolname, p.privilege, c.oid::regclass)
from pg_class as c
cross join pg_roles as r
cross join unnest('{UPDATE,DELETE,TRUNCATE}'::text[]) as p (privilege)
where c.relnamespace = 'memoriesdb'::regnamespace and c.relkind in ('r', 'p')
  and c.relname ~ '^(audit_log|audit_payloads|access_log|ledger_blocks|ledger_leaves|ledger_archives)'
  and r.rolname ~ '^memoriesdb_' and r.rolname <> 'memoriesdb_owner'
  and (
    has_table_privilege(r.oid, c.oid, p.privilege)
    or (p.privilege = 'UPDATE' and has_any_column_privilege(r.oid, c.oid, 'UPDATE'))
  )
  and not (
    r.rolname = 'memoriesdb_eraser' and p.privilege = 'DELETE'
    and c.relname in ('audit_payloads', 'access_log')
  )
union all
select format('%s has no trigger for %s', c.oid::regclass, w.what)
from pg_class as c
-- Bits of pg_trigger.tgtype: 2 before, 8 delete, 16 update, 32 truncate.
cross join (values ('UPDATE', 18), ('DELETE', 10), ('TRUNCATE', 34)) as w (what, bits)
where c.relnamespace = 'memoriesdb'::regnamespace and c.relkind in ('r', 'p')
  and c.relname ~ '^(audit_log|audit_payloads|access_log|ledger_blocks|ledger_leaves|ledger_archives)'
  and not exists (
    select from pg_trigger as t
    inner join pg_proc as f on t.tgfoid = f.oid
    where t.tgrelid = c.oid
      and (
        f.proname in ('tg_refuse_change', 'tg_refuse_truncate')
        or (f.proname = 'tg_refuse_change_but_erasure' and c.relname ~ '^(audit_payloads|access_log)')
      )
      and t.tgtype & w.bits = w.bits and t.tgenabled = 'A'
  )
