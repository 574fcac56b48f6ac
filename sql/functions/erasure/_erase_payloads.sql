create or replace function memoriesdb._erase_payloads(audit_ids bigint[])
returns int8multirange
language sql
volatile
parallel unsafe
security invoker -- only the eraser's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
  with erased as (
    delete from memoriesdb.audit_payloads as p
    where p.audit_id = any (audit_ids)
    returning p.audit_id
  )

  select coalesce(range_agg(int8range(e.audit_id, e.audit_id, '[]')), '{}') from erased as e;
$function$;

alter function memoriesdb._erase_payloads(bigint[]) owner to memoriesdb_eraser;
revoke all on function memoriesdb._erase_payloads(bigint[]) from public;
comment on function memoriesdb._erase_payloads(bigint[]) is
'Remove the payloads of audit entries, with their salts, and say which there were. The entries '
'stay, and the ledger holds commitments alone.';
