create or replace function memoriesdb._require_read_committed()
returns void
language plpgsql
stable
parallel restricted
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
begin
  if current_setting('transaction_isolation') not in ('read committed', 'read uncommitted') then
    raise exception 'erasing needs the isolation level read committed' using
      errcode = 'MD413',
      detail = format('This transaction has %s: what others commit meanwhile would stay.',
        current_setting('transaction_isolation')),
      hint = 'Erase in a transaction of its own: begin isolation level read committed;';
  end if;
end;
$function$;

alter function memoriesdb._require_read_committed() owner to memoriesdb_definer;
revoke all on function memoriesdb._require_read_committed() from public;
comment on function memoriesdb._require_read_committed() is
'Raises MD413 where the transaction does not see what others commit while it erases.';
