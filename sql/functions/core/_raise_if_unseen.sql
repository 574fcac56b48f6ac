-- A mark is a sequence that holds the transaction which last did what others must see: it is read
-- as it is now, whatever the snapshot. Those who set one do so one after another, so that the last
-- stands for all before it; one that was rolled back counts too, since it hides the mark before.
create or replace function memoriesdb._raise_if_unseen(mark regclass)
returns void
language plpgsql
volatile
parallel unsafe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_mark xid8;
begin
  -- There each statement sees what was committed before it.
  if current_setting('transaction_isolation') = 'read committed' then
    return;
  end if;
  v_mark := pg_sequence_last_value(_raise_if_unseen.mark)::text::xid8;
  if v_mark is null or pg_visible_in_snapshot(v_mark, pg_current_snapshot())
     or v_mark = pg_current_xact_id_if_assigned() then
    return;
  end if;
  begin
    perform pg_xact_status(v_mark);
  exception
    -- In the future: restored from a cluster that had counted further.
    when invalid_parameter_value then return;
  end;
  -- Not what it was: that is nobody's business but of whom it concerns.
  raise exception 'an admin has changed who may write what since this transaction began' using
    errcode = 'serialization_failure',
    detail = format('Isolation level %s: the transaction does not see whether it is concerned.',
      current_setting('transaction_isolation')),
    hint = 'Run the transaction again.';
end;
$function$;

alter function memoriesdb._raise_if_unseen(regclass) owner to memoriesdb_definer;
revoke all on function memoriesdb._raise_if_unseen(regclass) from public;
comment on function memoriesdb._raise_if_unseen(regclass) is
'Raises 40001 where the transaction that a mark names came after the snapshot of this one, which '
'is not read committed: it would delete what is held since, or write as somebody who is no more.';
