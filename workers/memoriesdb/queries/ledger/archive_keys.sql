-- What the entries ARCHIVE in the log say, sealed or not.
select a.row_key::text
from memoriesdb.audit_log as a
where a.operation = 'ARCHIVE' and a.table_name = 'ledger_archives';
