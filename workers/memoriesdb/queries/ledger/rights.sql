-- What this login may read: all entries, and all payloads.
select
  has_table_privilege('memoriesdb.audit_log', 'select')
  and (
    pg_has_role(current_user, 'memoriesdb_auditor', 'usage')
    or not row_security_active('memoriesdb.audit_log')
  ) as reads_entries,
  has_table_privilege('memoriesdb.audit_payloads', 'select')
  and not row_security_active('memoriesdb.audit_payloads') as reads_payloads,
  coalesce(
    has_table_privilege(to_regclass('memoriesdb.ledger_leaves'), 'select'), false
  ) as reads_leaves;
