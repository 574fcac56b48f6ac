-- How far sealing is, and which transaction holds it up; workers, admins and auditors see it.
select
  s.blocks, s.sealed_entries, s.unsealed_entries, s.oldest_unsealed_at, s.lag_seconds,
  s.last_sealed_at, s.blocking_pid, s.blocking_database::text, s.blocking_login::text,
  s.blocking_application
from memoriesdb.ledger_status as s;
