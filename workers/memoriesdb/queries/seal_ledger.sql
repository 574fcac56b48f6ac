-- Seal the audit entries of transactions that have ended, so many at most; gives how many were.
select memoriesdb.seal_ledger(%(max_entries)s::integer);
