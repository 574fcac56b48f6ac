-- hold_mark_seq holds the transaction that placed the last hold: a sequence is read as it is now,
-- whatever the snapshot.
create or replace function memoriesdb._raise_if_hold_is_unseen()
returns void
language plpgsql
volatile
parallel unsafe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_mark xid8 := (
    pg_sequence_last_value('memoriesdb.hold_mark_seq'::regclass)::text::xid8
  );
begin
  if v_mark is null or pg_visible_in_snapshot(v_mark, pg_current_snapshot())
     or v_mark = pg_current_xact_id_if_assigned() then
    return;
  end if;
  begin
    if pg_xact_status(v_mark) = 'aborted' then
      return;
    end if;
  exception
    -- In the future: restored from a cluster that had counted further.
    when invalid_parameter_value then return;
  end;
  raise exception 'a hold was placed after this transaction began' using
    errcode = 'serialization_failure',
    detail = format('Isolation level %s: the transaction does not see whether it is concerned.',
      current_setting('transaction_isolation')),
    hint = 'Run the transaction again.';
end;
$function$;

alter function memoriesdb._raise_if_hold_is_unseen() owner to memoriesdb_definer;
revoke all on function memoriesdb._raise_if_hold_is_unseen() from public;
comment on function memoriesdb._raise_if_hold_is_unseen() is
'Raises 40001 where the snapshot of a transaction is older than the last hold: in repeatable read '
'it would delete what is held.';
