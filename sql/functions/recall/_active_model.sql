create or replace function memoriesdb._active_model()
returns table (model_id uuid, dimensions integer)
language plpgsql
stable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_chosen text := current_setting('app.embedding_model', true);
begin
  -- What another transaction has left in the session, or somebody behind the same pool, does not
  -- count.
  if split_part(v_chosen, ' ', 2) = extract(epoch from transaction_timestamp())::text then
    return query
    select m.id, m.dimensions
    from memoriesdb.embedding_models as m
    where m.is_enabled and m.id::text = split_part(v_chosen, ' ', 1);
    if found then
      return;
    end if;
  end if;
  return query
  select m.id, m.dimensions from memoriesdb.embedding_models as m where m.is_active;
end;
$function$;

alter function memoriesdb._active_model() owner to memoriesdb_definer;
revoke all on function memoriesdb._active_model() from public;
grant execute on function memoriesdb._active_model() to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._active_model() is
'The model that recall uses, with the length of its vectors: the one that use_embedding_model() '
'chose for this transaction, else the active one; no row where there is none.';
