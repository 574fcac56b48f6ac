create or replace function memoriesdb._active_model()
returns table (model_id uuid, dimensions integer)
language plpgsql
stable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
begin
  return query
  select m.id, m.dimensions from memoriesdb.embedding_models as m where m.is_active;
end;
$function$;

alter function memoriesdb._active_model() owner to memoriesdb_definer;
revoke all on function memoriesdb._active_model() from public;
grant execute on function memoriesdb._active_model() to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._active_model() is
'The model that recall uses, with the length of its vectors; no row where there is none.';
