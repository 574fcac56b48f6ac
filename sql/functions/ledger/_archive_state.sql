create or replace function memoriesdb._archive_state(archive memoriesdb.ledger_archives)
returns jsonb
language plpgsql
stable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
begin
  return to_jsonb(archive) || jsonb_build_object(
    'file_sha256', encode(archive.file_sha256, 'hex'),
    'archived_at', memoriesdb._iso_time(archive.archived_at)
  );
end;
$function$;

alter function memoriesdb._archive_state(memoriesdb.ledger_archives) owner to memoriesdb_definer;
revoke all on function memoriesdb._archive_state(memoriesdb.ledger_archives) from public;
grant execute on function memoriesdb._archive_state(memoriesdb.ledger_archives)
to memoriesdb_owner;
comment on function memoriesdb._archive_state(memoriesdb.ledger_archives) is
'A row of ledger_archives as JSON, for the audit.';
