create table memoriesdb.audit_log (
  audit_id bigint not null generated always as identity,
  at timestamptz not null,
  -- The 64-bit id never wraps; with the cluster it was counted in, a sealer can tell whether it has
  -- ended.
  xid xid8 not null,
  incarnation bigint not null,
  user_id uuid,
  token_id uuid,
  actor_id uuid,
  login name not null,
  table_name name not null,
  operation text not null,
  owner_id uuid,
  row_id uuid,
  row_key jsonb not null,
  commitment bytea not null,
  constraint audit_log_pkey primary key (audit_id),
  constraint audit_log_operation_is_known check (
    operation in ('INSERT', 'UPDATE', 'DELETE', 'TRANSFER', 'ACQUIRE', 'ERASE', 'ARCHIVE')
  ),
  constraint audit_log_commitment_is_sha256 check (octet_length(commitment) = 32)
) partition by range (audit_id);
create index audit_log_owner_id_row_id_idx on memoriesdb.audit_log (owner_id, row_id, audit_id);
-- Whose a memory has been, for erasure in every owner's log; and the edges that led to it. By
-- expressions that are not leakproof, and no column beside them: a user's own condition is not
-- looked up in them ahead of the policy, and EXPLAIN ANALYZE tells nothing of what others have but
-- how many rows an index holds.
create index audit_log_row_id_idx on memoriesdb.audit_log (uuid_send(row_id))
where table_name = 'memories' and operation in ('DELETE', 'TRANSFER');
create index audit_log_target_id_idx on memoriesdb.audit_log ((row_key ->> 'target_id'))
where table_name = 'memory_edges';
alter table memoriesdb.audit_log enable row level security;
alter table memoriesdb.audit_log force row level security;
-- The planner's estimates would tell what others have written (explain … where content = 'guess'),
-- and the statistics would keep samples of texts that are erased.
alter table memoriesdb.audit_log
alter column operation set statistics 0,
alter column row_key set statistics 0,
alter column commitment set statistics 0;
comment on table memoriesdb.audit_log is
'One row for every changed row, written in the same transaction. Append-only. Contents are in '
'audit_payloads; here is a salted commitment to them.';
comment on column memoriesdb.audit_log.audit_id is
'Number of the entry. Gaps are normal: rolled-back transactions leave them.';
comment on column memoriesdb.audit_log.at is 'When the row was changed, by the clock.';
comment on column memoriesdb.audit_log.xid is 'Transaction that changed it.';
comment on column memoriesdb.audit_log.incarnation is
'System identifier of the cluster in which xid was counted.';
comment on column memoriesdb.audit_log.user_id is
'User for whom it was changed; null when there was none (a worker, a DBA).';
comment on column memoriesdb.audit_log.token_id is
'Token by which the session was opened (login); null where there was none.';
comment on column memoriesdb.audit_log.actor_id is
'Service that acted for the user (act_for); null where the user acted himself.';
comment on column memoriesdb.audit_log.login is 'Login of the session (session_user).';
comment on column memoriesdb.audit_log.table_name is 'Table in schema memoriesdb.';
comment on column memoriesdb.audit_log.operation is
'INSERT, UPDATE, DELETE, TRANSFER (the owner changed), ACQUIRE (a copy was taken), ERASE (the '
'payload is the receipt) or ARCHIVE (a partition of the log was detached).';
comment on column memoriesdb.audit_log.owner_id is
'Owner of the row; for users the user; null for settings and models.';
comment on column memoriesdb.audit_log.row_id is
'Id of the memory, user or model that the row is about; null for settings.';
comment on column memoriesdb.audit_log.row_key is 'Primary key of the row.';
comment on column memoriesdb.audit_log.commitment is
'SHA-256 over a salt and the payload: see _payload_commitment().';
comment on sequence memoriesdb.audit_log_audit_id_seq is
'Numbers of the entries: audit_log.audit_id, the same in audit_payloads.';

-- Takes what no partition made ahead takes (maintain_audit_partitions). Nobody reads or writes a
-- partition by its own name.
create table memoriesdb.audit_log_default partition of memoriesdb.audit_log default;
alter table memoriesdb.audit_log_default enable row level security;
alter table memoriesdb.audit_log_default force row level security;
alter table memoriesdb.audit_log_default
alter column operation set statistics 0,
alter column row_key set statistics 0,
alter column commitment set statistics 0;
comment on table memoriesdb.audit_log_default is
'Entries of audit_log beyond the partitions made ahead; empty as long as workers run.';
