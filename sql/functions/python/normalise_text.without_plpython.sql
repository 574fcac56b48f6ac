create or replace function memoriesdb.normalise_text(body text)
returns text
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
begin
  return btrim(regexp_replace(normalize(body, nfc), '[[:cntrl:][:space:]]+', ' ', 'g'));
end;
$function$;

alter function memoriesdb.normalise_text(text) owner to memoriesdb_definer;
revoke all on function memoriesdb.normalise_text(text) from public;
grant execute on function memoriesdb.normalise_text(text)
to memoriesdb_app, memoriesdb_client, memoriesdb_worker, memoriesdb_admin;
comment on function memoriesdb.normalise_text(text) is
'A text in Unicode NFC with control characters and runs of blanks folded to one blank.';
