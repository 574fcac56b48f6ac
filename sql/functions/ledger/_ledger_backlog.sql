create or replace function memoriesdb._ledger_backlog(
  out entry_count bigint, out oldest_at timestamptz, out last_xid xid8
)
returns record
language plpgsql
stable
parallel safe
security definer -- logins that read no entries may know how many wait
set search_path = pg_catalog, pg_temp
-- Compiling takes longer than the query.
set jit = off
as $function$
declare
  v_current constant bigint := (
    select c.system_identifier from pg_catalog.pg_control_system() as c
  );
  v_state memoriesdb.ledger_state := (select s from memoriesdb.ledger_state as s);
  v_below constant bigint := memoriesdb._sealed_below(v_state);
begin
  select
    count(*), min(a.at),
    -- What no transaction wrote, nobody holds up.
    max(a.xid) filter (
      where a.incarnation = v_current and a.xid < pg_snapshot_xmax(pg_current_snapshot())
    )
  into entry_count, oldest_at, last_xid
  from memoriesdb.audit_log as a
  -- A look-up an entry, of which few lie beyond what is sealed, rather than a join with all blocks.
  left join lateral (
    select b.low_audit_id, b.high_audit_id from memoriesdb.ledger_blocks as b
    where b.incarnation = a.incarnation
      and (b.last_xid, b.last_audit_id) >= (a.xid, a.audit_id)
    order by b.last_xid, b.last_audit_id
    limit 1
  ) as e on true
  -- No honest number is below 1.
  where (a.audit_id > v_below or a.audit_id < 1)
    and (a.audit_id between e.low_audit_id and e.high_audit_id) is not true;
end;
$function$;

alter function memoriesdb._ledger_backlog() owner to memoriesdb_definer;
revoke all on function memoriesdb._ledger_backlog() from public;
grant execute on function memoriesdb._ledger_backlog()
to memoriesdb_owner, memoriesdb_worker, memoriesdb_admin, memoriesdb_auditor;
comment on function memoriesdb._ledger_backlog() is
'The committed entries that are not sealed yet: how many, when the oldest was written, and the '
'latest transaction id among those of this cluster. For ledger_status.';
