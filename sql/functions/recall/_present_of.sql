create or replace function memoriesdb._present_of(owner_id uuid)
returns timestamptz
language plpgsql
stable
parallel safe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
begin
  -- Of memories that were brought in from elsewhere, "last week" is not this one's.
  return least(statement_timestamp(), (
    select d.occurred_at
    from memoriesdb.memory_documents as d
    where d.owner_id = _present_of.owner_id
    order by d.doc desc
    limit 1
  ));
end;
$function$;

alter function memoriesdb._present_of(uuid) owner to memoriesdb_definer;
revoke all on function memoriesdb._present_of(uuid) from public;
comment on function memoriesdb._present_of(uuid) is
'What "last week" is counted from in a query: when the memory occurred that came last, or now.';
