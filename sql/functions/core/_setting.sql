create or replace function memoriesdb._setting(key text)
returns jsonb
language plpgsql
stable
parallel safe
security invoker -- what is told depends on who asks
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_value jsonb;
begin
  if has_table_privilege('memoriesdb.settings', 'select') then
    select s.value into v_value from memoriesdb.settings as s where s.key = _setting.key;
  else
    v_value := memoriesdb._shown_setting(key);
  end if;
  if v_value is null then
    raise exception 'unknown setting' using
      errcode = 'MD507',
      detail = format('There is no setting %s.', quote_literal(_setting.key)),
      hint = 'Run `memoriesdb upgrade`; select key, description from memoriesdb.settings lists '
        'them.';
  end if;
  return v_value;
end;
$function$;

alter function memoriesdb._setting(text) owner to memoriesdb_definer;
revoke all on function memoriesdb._setting(text) from public;
grant execute on function memoriesdb._setting(text)
to memoriesdb_owner, memoriesdb_eraser, memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._setting(text) is
'Value of a setting. Who may not read memoriesdb.settings is told what _shown_setting() tells. '
'Raises MD507 for an unknown key.';
