create or replace function memoriesdb._enabled_model(name text)
returns memoriesdb.embedding_models
language plpgsql
stable
parallel safe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_model memoriesdb.embedding_models;
begin
  select m.* into v_model
  from memoriesdb.embedding_models as m
  where m.name = _enabled_model.name and m.is_enabled;
  if not found then
    raise exception 'unknown embedding model' using
      errcode = 'MD510',
      detail = format('No enabled model has the name %s.', quote_nullable(name)),
      hint = '`memoriesdb model list` shows the names; `memoriesdb model add` adds a model.';
  end if;
  return v_model;
end;
$function$;

alter function memoriesdb._enabled_model(text) owner to memoriesdb_definer;
revoke all on function memoriesdb._enabled_model(text) from public;
comment on function memoriesdb._enabled_model(text) is
'The enabled model of a name. Raises MD510.';
