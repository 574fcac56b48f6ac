create or replace function memoriesdb._audit_partition(partition_no bigint)
returns name
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
begin
  return format('audit_log_%s', lpad(partition_no::text, 6, '0'))::name;
end;
$function$;

alter function memoriesdb._audit_partition(bigint) owner to memoriesdb_definer;
revoke all on function memoriesdb._audit_partition(bigint) from public;
grant execute on function memoriesdb._audit_partition(bigint) to memoriesdb_owner;
comment on function memoriesdb._audit_partition(bigint) is
'Name of a partition of audit_log.';
