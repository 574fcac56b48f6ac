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
begin
  select count(*), min(a.at), max(a.xid) filter (where a.incarnation = v_current)
  into entry_count, oldest_at, last_xid
  from memoriesdb.audit_log as a
  -- A look-up an entry, of which few lie beyond what is sealed, rather than a join with all blocks.
  left join lateral (
    select true as is_sealed from memoriesdb.ledger_blocks as b
    where b.incarnation = a.incarnation
      and (b.last_xid, b.last_audit_id) >= (a.xid, a.audit_id)
    limit 1
  ) as e on true
  where a.audit_id > (select coalesce(max(s.sealed_below), 0) from memoriesdb.ledger_state as s)
    and e.is_sealed is null;
end;
$function$;

alter function memoriesdb._ledger_backlog() owner to memoriesdb_definer;
revoke all on function memoriesdb._ledger_backlog() from public;
grant execute on function memoriesdb._ledger_backlog()
to memoriesdb_owner, memoriesdb_worker, memoriesdb_admin, memoriesdb_auditor;
comment on function memoriesdb._ledger_backlog() is
'The committed entries that are not sealed yet: how many, when the oldest was written, and the '
'latest transaction id among those of this cluster. For ledger_status.';
