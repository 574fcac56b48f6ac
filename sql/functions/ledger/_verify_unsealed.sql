create or replace function memoriesdb._verify_unsealed()
returns table (audit_id bigint, problem text, detail text)
language plpgsql
stable
parallel restricted
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_current constant bigint := (
    select c.system_identifier from pg_catalog.pg_control_system() as c
  );
  v_state memoriesdb.ledger_state := (select s from memoriesdb.ledger_state as s);
  v_below constant bigint := memoriesdb._sealed_below(v_state);
  v_given_out constant bigint := (
    select coalesce(s.last_value, 0) from pg_catalog.pg_sequences as s
    where s.schemaname = 'memoriesdb' and s.sequencename = 'audit_log_audit_id_seq'
  );
  v_end memoriesdb.ledger_blocks;
  v_own constant xid8 := pg_current_xact_id_if_assigned();
  v_next constant xid8 := pg_snapshot_xmax(pg_current_snapshot());
begin
  -- What was restored from another cluster is sealed before anything of this one.
  return query
  select a.audit_id, 'entry of another cluster was not sealed',
    format('Incarnation %s; the restored entries were sealed without it.', a.incarnation)
  from memoriesdb.audit_log as a
  where a.incarnation <> v_current
    and exists (select from memoriesdb.ledger_blocks as b where b.incarnation = v_current)
    and not exists (
      select from memoriesdb.ledger_blocks as b
      where b.incarnation = a.incarnation
        and (b.last_xid, b.last_audit_id) >= (a.xid, a.audit_id)
    );
  return query
  select a.audit_id, 'number of the entry was never given out',
    format('The sequence is at %s.', v_given_out)
  from memoriesdb.audit_log as a
  where a.audit_id < 1 or a.audit_id > v_given_out;
  return query
  select a.audit_id, 'transaction of the entry has not begun',
    format('Its xid is %s, the next is %s: it is never sealed.', a.xid, v_next)
  from memoriesdb.audit_log as a
  where a.incarnation = v_current and a.xid >= v_next
    and a.xid is distinct from v_own;
  -- The sealer does not look there any more.
  select * into v_end from memoriesdb.ledger_blocks as b
  where b.incarnation = v_current
  order by b.last_xid desc, b.last_audit_id desc limit 1;
  return query
  select a.audit_id, 'entry was left out when those after it were sealed',
    format('All up to %s are sealed, so it was inserted later.', v_below)
  from memoriesdb.audit_log as a
  where a.audit_id between 1 and v_below and a.incarnation = v_current
    and (a.xid < v_next or a.xid = v_own)
    and (
      v_end.block_no is null or (a.xid, a.audit_id) > (v_end.last_xid, v_end.last_audit_id)
    );
end;
$function$;

alter function memoriesdb._verify_unsealed() owner to memoriesdb_definer;
revoke all on function memoriesdb._verify_unsealed() from public;
comment on function memoriesdb._verify_unsealed() is
'Entries that are not sealed although they should be, and such as no transaction of this cluster '
'can have written.';
