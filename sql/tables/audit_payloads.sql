create table memoriesdb.audit_payloads (
  audit_id bigint not null,
  owner_id uuid,
  -- Said again, so that erasure finds the payloads of entries that were archived.
  row_id uuid,
  target_id uuid,
  salt bytea not null,
  before jsonb,
  after jsonb,
  application_name text,
  reason text,
  constraint audit_payloads_pkey primary key (audit_id),
  constraint audit_payloads_salt_is_long check (octet_length(salt) = 16)
) partition by range (audit_id);
create index audit_payloads_owner_id_idx on memoriesdb.audit_payloads (owner_id, audit_id);
alter table memoriesdb.audit_payloads enable row level security;
alter table memoriesdb.audit_payloads force row level security;
-- The planner's estimates would tell what others have written (explain … where content = 'guess'),
-- and the statistics would keep samples of texts that are erased.
alter table memoriesdb.audit_payloads
alter column salt set statistics 0,
alter column before set statistics 0,
alter column after set statistics 0,
alter column application_name set statistics 0,
alter column reason set statistics 0;
comment on table memoriesdb.audit_payloads is
'The states before and after each audited change, and the salt of its commitment. Readable by '
'the owner of the memory, not by the auditor. Append-only.';
comment on column memoriesdb.audit_payloads.audit_id is 'audit_log.audit_id';
comment on column memoriesdb.audit_payloads.owner_id is 'audit_log.owner_id';
comment on column memoriesdb.audit_payloads.row_id is 'audit_log.row_id';
comment on column memoriesdb.audit_payloads.target_id is
'Of an edge: the memory that it leads to. Null for all else.';
comment on column memoriesdb.audit_payloads.salt is
'16 random bytes: without them the commitment tells nothing about the contents.';
comment on column memoriesdb.audit_payloads.before is
'State before: the whole row for DELETE, the changed columns for UPDATE.';
comment on column memoriesdb.audit_payloads.after is
'State after: the whole row for INSERT, the changed columns for UPDATE. Search columns and '
'vectors are left out.';
comment on column memoriesdb.audit_payloads.application_name is 'application_name of the session.';
comment on column memoriesdb.audit_payloads.reason is
'The transaction''s setting app.reason, or the reason given to transfer().';

-- Takes what no partition made ahead takes (maintain_audit_partitions). Nobody reads or writes a
-- partition by its own name.
create table memoriesdb.audit_payloads_default partition of memoriesdb.audit_payloads default;
alter table memoriesdb.audit_payloads_default enable row level security;
alter table memoriesdb.audit_payloads_default force row level security;
alter table memoriesdb.audit_payloads_default
alter column salt set statistics 0,
alter column before set statistics 0,
alter column after set statistics 0,
alter column application_name set statistics 0,
alter column reason set statistics 0;
comment on table memoriesdb.audit_payloads_default is
'Entries of audit_payloads beyond the partitions made ahead; empty as long as workers run.';
