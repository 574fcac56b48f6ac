-- What is sealed is decided by snapshot: a transaction below its xmin has ended, so nothing can
-- come in below it later. By number or by time, an entry whose transaction committed late was lost.
create or replace function memoriesdb.seal_ledger(max_entries integer default 1000000)
returns bigint
language plpgsql
volatile
parallel unsafe
security definer -- nobody but the definer writes the ledger
set search_path = pg_catalog, pg_temp
set jit = off
as $function$
declare
  v_current constant bigint := (
    select c.system_identifier from pg_catalog.pg_control_system() as c
  );
  v_has_xid boolean := pg_current_xact_id_if_assigned() is not null;
  -- Read before this transaction gets its id: whoever drew an audit_id up to here had a lower one.
  v_given_out bigint := coalesce((
    select s.last_value from pg_catalog.pg_sequences as s
    where s.schemaname = 'memoriesdb' and s.sequencename = 'audit_log_audit_id_seq'
  ), 0);
  v_state memoriesdb.ledger_state;
  v_below bigint;
  v_xmin xid8;
  v_incarnation bigint;
  v_sealed bigint := 0::bigint;
  v_last_high bigint;
  v_reached boolean;
  v_moves boolean;
begin
  if max_entries is null or max_entries not between 1 and 100000000 then
    raise exception 'max_entries is out of range' using
      errcode = 'MD108', hint = 'Give a number from 1 to 100000000.';
  end if;
  select * into v_state from memoriesdb.ledger_state for update skip locked;
  if not found then
    -- Somebody else is at it; an INSERT would wait for him.
    if exists (select from memoriesdb.ledger_state) then
      return 0::bigint;
    end if;
    insert into memoriesdb.ledger_state default values on conflict do nothing
    returning * into v_state;
    if not found then
      return 0::bigint;
    end if;
  end if;
  -- Statements from here on have later snapshots (or, from REPEATABLE READ on, this same one, and
  -- then the lock above was refused if another sealer has committed since): they see all that ended
  -- before this one, and the last block.
  v_xmin := pg_snapshot_xmin(pg_current_snapshot());
  v_below := memoriesdb._sealed_below(v_state);
  if v_below <> v_state.sealed_below then
    raise warning 'ledger_state was changed by somebody else' using
      detail = format('It says that all is sealed up to %s; by the blocks it is up to %s.',
        v_state.sealed_below, v_below),
      hint = 'Nothing is left out. Run memoriesdb ledger verify, and find out who changed it.';
  end if;
  for v_incarnation in
    select a.incarnation
    from memoriesdb.audit_log as a
    where a.audit_id > v_below
    group by a.incarnation
    order by a.incarnation = v_current, a.incarnation
  loop
    v_sealed := v_sealed + memoriesdb._seal_incarnation(
      v_incarnation, case when v_incarnation = v_current then v_xmin end, v_below,
      max_entries - v_sealed
    );
    exit when v_sealed >= max_entries;
  end loop;
  -- All is sealed that had been given out when the mark was set.
  v_reached := v_sealed < max_entries and v_state.mark_xid <= v_xmin;
  -- A mark from another cluster may lie in the future of this one.
  v_moves := not v_has_xid and (v_reached or v_state.mark_xid > pg_current_xact_id());
  -- Never beyond the last block: what says more was not noted here.
  v_last_high := coalesce((
    select b.high_audit_id from memoriesdb.ledger_blocks as b order by b.block_no desc limit 1
  ), 0);
  update memoriesdb.ledger_state as s set
    sealed_count = s.sealed_count + v_sealed,
    sealed_below = case
      when v_reached then greatest(v_below, least(s.mark_audit_id, v_last_high)) else v_below
    end,
    mark_audit_id = case when v_moves then v_given_out else s.mark_audit_id end,
    mark_xid = case when v_moves then pg_current_xact_id() else s.mark_xid end,
    looked_at = clock_timestamp();
  return v_sealed;
end;
$function$;

alter function memoriesdb.seal_ledger(integer) owner to memoriesdb_definer;
revoke all on function memoriesdb.seal_ledger(integer) from public;
grant execute on function memoriesdb.seal_ledger(integer)
to memoriesdb_worker, memoriesdb_admin, memoriesdb_auditor;
comment on function memoriesdb.seal_ledger(integer) is
'Seal the audit entries of transactions that have ended into blocks, at most max_entries '
'(1 to 100000000) in a call. Returns how many were sealed; 0 also while somebody else seals. An '
'older transaction that still writes, anywhere in the cluster, makes newer entries wait: '
'ledger_status names it. Raises MD108.';
