-- Admins, auditors and workers see it; the view reads the tables as its owner.
create or replace view memoriesdb.ledger_status with (security_barrier) as
select
  coalesce(h.block_no, 0) as blocks,
  coalesce(s.sealed_count, 0) as sealed_entries,
  u.entry_count as unsealed_entries,
  u.oldest_at as oldest_unsealed_at,
  coalesce(extract(epoch from clock_timestamp() - u.oldest_at), 0)::double precision as lag_seconds,
  h.sealed_at as last_sealed_at,
  w.pid as blocking_pid,
  w.database as blocking_database,
  w.login as blocking_login,
  w.application_name as blocking_application
from memoriesdb._ledger_backlog() as u
-- It tells how many are sealed, and no more: without it there is a row all the same.
left join memoriesdb.ledger_state as s on true
left join lateral (
  select b.block_no, b.sealed_at from memoriesdb.ledger_blocks as b
  order by b.block_no desc
  limit 1
) as h on true
-- Who writes since before the last of them: the oldest transaction of the whole cluster that has an
-- id, prepared ones too.
left join lateral (
  select t.*
  from (
    select
      p.pid, p.datname as database, p.usename as login, p.application_name, p.backend_xid as xid
    from pg_catalog.pg_stat_activity as p
    where p.backend_xid is not null and p.pid <> pg_catalog.pg_backend_pid()
    union all
    select
      null as pid, x.database, x.owner, 'prepared transaction ' || x.gid as application_name,
      x.transaction
    from pg_catalog.pg_prepared_xacts as x
  ) as t
  where age(t.xid) > age(u.last_xid::xid)
  order by age(t.xid) desc
  limit 1
) as w on true
where (select memoriesdb._sees_all_queues());

alter view memoriesdb.ledger_status owner to memoriesdb_owner;
comment on view memoriesdb.ledger_status is
'How far the ledger has come, in one row, for admins, auditors and workers: what is sealed, what '
'waits, and which transaction makes it wait.';
comment on column memoriesdb.ledger_status.blocks is 'Number of the last block.';
comment on column memoriesdb.ledger_status.sealed_entries is 'Audit entries that are sealed.';
comment on column memoriesdb.ledger_status.unsealed_entries is
'Committed audit entries that are not sealed yet.';
comment on column memoriesdb.ledger_status.oldest_unsealed_at is 'When the oldest was written.';
comment on column memoriesdb.ledger_status.lag_seconds is
'Its age in seconds; 0 where all are sealed.';
comment on column memoriesdb.ledger_status.last_sealed_at is
'When the last block was sealed; null of an empty ledger.';
comment on column memoriesdb.ledger_status.blocking_pid is
'Backend of the oldest transaction that still writes, in any database of the cluster, where '
'entries wait for its end; null where none do, and for a prepared transaction.';
comment on column memoriesdb.ledger_status.blocking_database is 'The database that it is in.';
comment on column memoriesdb.ledger_status.blocking_login is 'Its login.';
comment on column memoriesdb.ledger_status.blocking_application is
'Its application_name, or `prepared transaction` and its name.';
