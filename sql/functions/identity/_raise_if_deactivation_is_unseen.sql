create or replace function memoriesdb._raise_if_deactivation_is_unseen()
returns void
language plpgsql
volatile
parallel unsafe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
begin
  if memoriesdb._is_unseen('memoriesdb.deactivation_mark_seq') then
    raise exception 'a user was deactivated after this transaction began' using
      errcode = 'serialization_failure',
      detail = format('Isolation level %s: the transaction does not see whether it is concerned.',
        current_setting('transaction_isolation')),
      hint = 'Run the transaction again.';
  end if;
end;
$function$;

alter function memoriesdb._raise_if_deactivation_is_unseen() owner to memoriesdb_definer;
revoke all on function memoriesdb._raise_if_deactivation_is_unseen() from public;
comment on function memoriesdb._raise_if_deactivation_is_unseen() is
'Raises 40001 where the snapshot of a transaction is older than the last deactivation of a user, '
'or than a login was last mapped: in repeatable read it would write as somebody who is no more.';
