create or replace function memoriesdb._is_attached(partition_no bigint)
returns boolean
language plpgsql
stable
parallel safe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
begin
  return exists (
    select from pg_catalog.pg_inherits as i
    join pg_catalog.pg_class as c on c.oid = i.inhrelid
    where i.inhparent = 'memoriesdb.audit_log'::regclass
      and c.relname = memoriesdb._audit_partition(_is_attached.partition_no)
  ) or exists (
    select from memoriesdb.audit_log as a
    join memoriesdb.ledger_archives as r on a.audit_id between r.first_audit_id and r.last_audit_id
    where r.partition_no = _is_attached.partition_no
  );
end;
$function$;

alter function memoriesdb._is_attached(bigint) owner to memoriesdb_definer;
revoke all on function memoriesdb._is_attached(bigint) from public;
comment on function memoriesdb._is_attached(bigint) is
'Whether a partition that was archived is still part of audit_log, or any entry of its range is.';
