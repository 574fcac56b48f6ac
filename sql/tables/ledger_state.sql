-- Bookkeeping of the sealer, which locks the row so that two sealers do not meet. It only says
-- where to begin to look, and is believed as far as the blocks bear it out: see _sealed_below().
create table memoriesdb.ledger_state (
  is_only_row boolean not null default true,
  sealed_count bigint not null default 0,
  sealed_below bigint not null default 0,
  mark_audit_id bigint not null default 0,
  mark_xid xid8 not null default '0',
  looked_at timestamptz,
  constraint ledger_state_pkey primary key (is_only_row),
  constraint ledger_state_is_one_row check (is_only_row)
);
alter table memoriesdb.ledger_state enable row level security;
alter table memoriesdb.ledger_state force row level security;
comment on table memoriesdb.ledger_state is
'One row: from where on the sealer looks for entries that are not sealed yet.';
comment on column memoriesdb.ledger_state.is_only_row is 'True: there is one row.';
comment on column memoriesdb.ledger_state.sealed_count is
'How many entries are sealed, for ledger_status: the blocks say it themselves.';
comment on column memoriesdb.ledger_state.sealed_below is
'Every entry with an audit_id up to here is sealed or will never be.';
comment on column memoriesdb.ledger_state.mark_audit_id is
'An audit_id that had been given out when the next transaction id was mark_xid: once all '
'transactions before that are sealed, sealed_below moves here.';
comment on column memoriesdb.ledger_state.mark_xid is 'See mark_audit_id.';
comment on column memoriesdb.ledger_state.looked_at is 'When seal_ledger() looked last.';
