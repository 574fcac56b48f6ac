create or replace function memoriesdb._mark_deactivation()
returns void
language plpgsql
volatile
parallel unsafe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
begin
  -- One after the other, see _raise_if_unseen(); nobody else who reads or writes users waits for
  -- it, but an ANALYZE does.
  lock table memoriesdb.users in share update exclusive mode;
  -- Whoever was deactivated would hide it behind a mark of his own.
  perform memoriesdb._raise_if_unseen('memoriesdb.deactivation_mark_seq');
  perform setval('memoriesdb.deactivation_mark_seq', pg_current_xact_id()::text::bigint);
end;
$function$;

alter function memoriesdb._mark_deactivation() owner to memoriesdb_definer;
revoke all on function memoriesdb._mark_deactivation() from public;
comment on function memoriesdb._mark_deactivation() is
'Called before a user is deactivated or erased, or a login is mapped: older snapshots write '
'nothing more.';
