create or replace function memoriesdb._verify_unsealed()
returns table (audit_id bigint, problem text, detail text)
language plpgsql
stable
parallel safe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_current constant bigint := (
    select c.system_identifier from pg_catalog.pg_control_system() as c
  );
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
end;
$function$;

alter function memoriesdb._verify_unsealed() owner to memoriesdb_definer;
revoke all on function memoriesdb._verify_unsealed() from public;
comment on function memoriesdb._verify_unsealed() is
'Entries that are not sealed although they should be.';
