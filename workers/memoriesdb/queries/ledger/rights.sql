-- What this login may read: all entries, and all payloads. Where the role of auditors is missing, so
-- that nobody can be one, it says so.
select
  to_regrole('memoriesdb_auditor') is not null as has_auditors,
  has_table_privilege('memoriesdb.audit_log', 'select')
  and (
    coalesce(pg_has_role(current_user, to_regrole('memoriesdb_auditor'), 'usage'), false)
    or not row_security_active('memoriesdb.audit_log')
  ) as reads_entries,
  has_table_privilege('memoriesdb.audit_payloads', 'select')
  and not row_security_active('memoriesdb.audit_payloads') as reads_payloads,
  coalesce(
    has_table_privilege(to_regclass('memoriesdb.ledger_leaves'), 'select'), false
  ) as reads_leaves;
