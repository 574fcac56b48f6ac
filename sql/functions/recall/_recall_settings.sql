create or replace function memoriesdb._recall_settings()
returns jsonb
language plpgsql
stable
parallel safe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
begin
  return (
    select jsonb_object_agg(substr(s.key, 8), s.value)
    from memoriesdb.settings as s
    where s.key like E'recall\\_%'
  );
end;
$function$;

alter function memoriesdb._recall_settings() owner to memoriesdb_definer;
revoke all on function memoriesdb._recall_settings() from public;
comment on function memoriesdb._recall_settings() is
'Settings of recall, by name without recall_.';
