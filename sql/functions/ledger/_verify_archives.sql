create or replace function memoriesdb._verify_archives()
returns table (audit_id bigint, problem text, detail text)
language plpgsql
stable
parallel safe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
begin
  -- The payload of the entry tells all that the row does; its commitment is sealed.
  return query
  select r.first_audit_id, 'archive is not in the ledger',
    format('No entry ARCHIVE says that partition %s was detached so.', r.partition_no)
  from memoriesdb.ledger_archives as r
  where not exists (
    select from memoriesdb.audit_payloads as p
    where p.owner_id is null and p.after = memoriesdb._archive_state(r)
      and (
        exists (
          select from memoriesdb.audit_log as a
          where a.audit_id = p.audit_id and a.operation = 'ARCHIVE'
        )
        -- The entry may be in a later archive itself.
        or exists (
          select from memoriesdb.ledger_archives as o
          where p.audit_id between o.first_audit_id and o.last_audit_id
            and o.partition_no > r.partition_no
        )
      )
  );
end;
$function$;

alter function memoriesdb._verify_archives() owner to memoriesdb_definer;
revoke all on function memoriesdb._verify_archives() from public;
comment on function memoriesdb._verify_archives() is
'Archives that no entry of the ledger tells of: their entries are missing.';
