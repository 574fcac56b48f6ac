create or replace function memoriesdb._settings(keys text[])
returns jsonb
language plpgsql
stable
parallel safe
security definer -- users have no rights on settings
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_values jsonb := (
    select jsonb_object_agg(s.key, s.value) from memoriesdb.settings as s where s.key = any (keys)
  );
begin
  if (v_values ?& keys) is not true then
    -- Raises for the one that is missing.
    perform memoriesdb._setting(k.key) from unnest(keys) as k (key);
  end if;
  return v_values;
end;
$function$;

alter function memoriesdb._settings(text[]) owner to memoriesdb_definer;
revoke all on function memoriesdb._settings(text[]) from public;
grant execute on function memoriesdb._settings(text[])
to memoriesdb_owner, memoriesdb_eraser, memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._settings(text[]) is
'Values of some settings, by key: one look for all of them. Raises MD507 for an unknown key.';
