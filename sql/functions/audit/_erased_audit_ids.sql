create or replace function memoriesdb._erased_audit_ids()
returns int8multirange
language plpgsql
stable
parallel safe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
begin
  return (
    select coalesce(range_agg(e.erased), '{}')
    from memoriesdb.audit_log as a
    join memoriesdb.audit_payloads as p on p.audit_id = a.audit_id
    cross join lateral unnest((p.after ->> 'audit_ids')::int8multirange) as e (erased)
    where a.operation = 'ERASE' and a.table_name in ('memories', 'users')
      and p.after ->> 'audit_ids' ~ E'^\\{([\\[(][0-9]*,[0-9]*[\\])],?)*\\}$'
  );
end;
$function$;

alter function memoriesdb._erased_audit_ids() owner to memoriesdb_definer;
revoke all on function memoriesdb._erased_audit_ids() from public;
comment on function memoriesdb._erased_audit_ids() is
'The entries whose payloads are gone by an erasure, as its receipts in the audit say.';
