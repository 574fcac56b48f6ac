create or replace function memoriesdb._shown_setting(key text)
returns jsonb
language plpgsql
stable
parallel safe
security definer -- users have no rights on settings
set search_path = pg_catalog, pg_temp
as $function$
begin
  -- By name and not by what is left out: a setting that is new is not told.
  if key not in (
       'max_content_bytes', 'search_language', 'embedding_template', 'rerank_candidates',
       'access_log_retention_days'
     )
     and key not like E'recall\\_%' then
    return null;
  end if;
  return (select s.value from memoriesdb.settings as s where s.key = _shown_setting.key);
end;
$function$;

alter function memoriesdb._shown_setting(text) owner to memoriesdb_definer;
revoke all on function memoriesdb._shown_setting(text) from public;
grant execute on function memoriesdb._shown_setting(text)
to memoriesdb_owner, memoriesdb_eraser, memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._shown_setting(text) is
'Value of a setting by which functions work that run as the user who calls them; null for any '
'other, such as the address of an endpoint.';
