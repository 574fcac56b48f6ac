create or replace function memoriesdb._request_refresh(slices smallint[])
returns void
language plpgsql
volatile
parallel unsafe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
begin
  -- Once for each transaction and slice, and without a conflict between transactions: writers never
  -- wait for each other here.
  insert into memoriesdb.vindexing_schedule (slice, xid)
  select s, pg_current_xact_id()
  from unnest(slices) as s
  where not exists (
    select from memoriesdb.vindexing_schedule as v
    where v.slice = s and v.xid = pg_current_xact_id()
  );
end;
$function$;

alter function memoriesdb._request_refresh(smallint[]) owner to memoriesdb_definer;
revoke all on function memoriesdb._request_refresh(smallint[]) from public;
comment on function memoriesdb._request_refresh(smallint[]) is
'Ask for a refresh of slices of memory_graph when this transaction has committed.';
