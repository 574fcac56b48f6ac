create or replace function memoriesdb._oldest_audit_partition()
returns name
language plpgsql
stable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
begin
  return (
    select c.relname
    from pg_catalog.pg_inherits as i
    join pg_catalog.pg_class as c on c.oid = i.inhrelid
    where i.inhparent = 'memoriesdb.audit_log'::regclass and c.relname ~ '^audit_log_[0-9]+$'
    order by length(c.relname), c.relname
    limit 1
  );
end;
$function$;

alter function memoriesdb._oldest_audit_partition() owner to memoriesdb_definer;
revoke all on function memoriesdb._oldest_audit_partition() from public;
grant execute on function memoriesdb._oldest_audit_partition() to memoriesdb_owner;
comment on function memoriesdb._oldest_audit_partition() is
'Name of the first partition of audit_log that is not detached.';
