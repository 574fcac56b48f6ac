create or replace function memoriesdb.release(hold_id uuid)
returns boolean
language plpgsql
volatile
parallel unsafe
security definer -- writes memory_holds
set search_path = pg_catalog, pg_temp
as $function$
begin
  perform memoriesdb._require_admin();
  delete from memoriesdb.memory_holds as h where h.id = release.hold_id;
  return found;
end;
$function$;

alter function memoriesdb.release(uuid) owner to memoriesdb_definer;
revoke all on function memoriesdb.release(uuid) from public;
grant execute on function memoriesdb.release(uuid)
to memoriesdb_app, memoriesdb_client, memoriesdb_admin;
comment on function memoriesdb.release(uuid) is
'End a legal hold (admins). False where there is none of this id. Raises MD004.';
