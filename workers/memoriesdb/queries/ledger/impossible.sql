-- Entries that no transaction can have written, so that a sealer never comes to them: of a number
-- that was not given out, of a transaction that has not begun, or of another cluster beyond what
-- was sealed of it although this one's own entries, which come after all of those, are sealed.
select a.audit_id, f.reason
from memoriesdb.audit_log as a
cross join pg_control_system() as c
cross join lateral (
  select
    case
      when a.audit_id < 1 or a.audit_id > (
        select coalesce(s.last_value, 0) from pg_sequences as s
        where s.schemaname = 'memoriesdb' and s.sequencename = 'audit_log_audit_id_seq'
          and has_sequence_privilege(to_regclass('memoriesdb.audit_log_audit_id_seq'), 'select')
      ) then 'its number was never given out'
      when a.incarnation = c.system_identifier and a.xid >= pg_snapshot_xmax(pg_current_snapshot())
        and a.xid is distinct from pg_current_xact_id_if_assigned()
        then 'its transaction has not begun'
      when a.incarnation <> c.system_identifier
        and exists (
          select from memoriesdb.ledger_blocks as b where b.incarnation = c.system_identifier
        )
        and not exists (
          select from memoriesdb.ledger_blocks as b
          where b.incarnation = a.incarnation
            and (b.last_xid, b.last_audit_id) >= (a.xid, a.audit_id)
        )
        then 'it is of another cluster, and was not sealed when the first of this one was'
    end as reason
) as f
where f.reason is not null
order by a.audit_id
limit 100;
