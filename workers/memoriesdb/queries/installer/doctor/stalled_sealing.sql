-- How long entries of the audit have waited to be sealed, where that is longer than the alarm, and
-- whose transaction makes them wait, in any database of the cluster.
select pg_catalog.format(
  '%s entries wait, the oldest since %s%s', s.unsealed_entries,
  pg_catalog.date_trunc('second', s.oldest_unsealed_at),
  case
    when s.blocking_database is not null then pg_catalog.format(
      ', for a transaction of %s in %s (%s)', s.blocking_login, s.blocking_database,
      pg_catalog.concat_ws(', ', 'pid ' || s.blocking_pid, nullif(s.blocking_application, ''))
    )
  end
) as detail
from memoriesdb.ledger_status as s
where s.lag_seconds > (
  select (x.value #>> '{}')::double precision
  from memoriesdb.settings as x
  where x.key = 'seal_lag_alarm_seconds'
);
