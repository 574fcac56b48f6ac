create or replace function memoriesdb._write_settings(has_speaker boolean)
returns text[]
language plpgsql
stable
parallel safe
security definer -- users have no rights on settings
set search_path = pg_catalog, pg_temp
as $function$
declare
  -- Keys of the index one by one: to read and aggregate the rows takes longer.
  v_values text[] := array[
    (select s.value #>> '{}' from memoriesdb.settings as s where s.key = 'max_content_bytes'),
    (select s.value #>> '{}' from memoriesdb.settings as s where s.key = 'search_language'),
    case when has_speaker then (
      select s.value #>> '{}' from memoriesdb.settings as s where s.key = 'embedding_template'
    ) end
  ];
begin
  if v_values[1] is null or v_values[2] is null or (has_speaker and v_values[3] is null) then
    -- Raises for the one that is missing.
    perform memoriesdb._setting('max_content_bytes'), memoriesdb._setting('search_language'),
      memoriesdb._setting('embedding_template');
  end if;
  return v_values;
end;
$function$;

alter function memoriesdb._write_settings(boolean) owner to memoriesdb_definer;
revoke all on function memoriesdb._write_settings(boolean) from public;
grant execute on function memoriesdb._write_settings(boolean)
to memoriesdb_owner, memoriesdb_eraser, memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._write_settings(boolean) is
'What a write of a memory asks settings for, as texts: max_content_bytes, search_language and, if '
'it has a speaker, embedding_template. Raises MD507 where one is missing.';
