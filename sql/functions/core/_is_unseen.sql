-- A mark is a sequence that holds the transaction which last did what others must see: it is read
-- as it is now, whatever the snapshot. Those who set one do so one after another, so that the last
-- stands for all before it; one that was rolled back counts too, since it hides the mark before.
create or replace function memoriesdb._is_unseen(mark regclass)
returns boolean
language plpgsql
volatile
parallel unsafe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_mark xid8 := pg_sequence_last_value(_is_unseen.mark)::text::xid8;
begin
  if v_mark is null or pg_visible_in_snapshot(v_mark, pg_current_snapshot())
     or v_mark = pg_current_xact_id_if_assigned() then
    return false;
  end if;
  begin
    perform pg_xact_status(v_mark);
  exception
    -- In the future: restored from a cluster that had counted further.
    when invalid_parameter_value then return false;
  end;
  return true;
end;
$function$;

alter function memoriesdb._is_unseen(regclass) owner to memoriesdb_definer;
revoke all on function memoriesdb._is_unseen(regclass) from public;
comment on function memoriesdb._is_unseen(regclass) is
'Whether the transaction that a mark names came after the snapshot of this one. To be asked where '
'transactions are not read committed.';
