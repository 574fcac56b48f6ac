-- A setting of the transaction, and no argument of recall() and its kin: those who never change the
-- model have nothing to pass on. It says when the transaction began, so that it counts in no other.
create or replace function memoriesdb.use_embedding_model(name text default null)
returns uuid
language plpgsql
volatile
parallel unsafe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_model_id uuid;
begin
  perform set_config('app.embedding_model', '', true);
  if name is null then
    select a.model_id into v_model_id from memoriesdb._active_model() as a;
    return v_model_id;
  end if;
  select m.id into v_model_id
  from memoriesdb.embedding_models as m
  where m.name = use_embedding_model.name and m.is_enabled;
  if not found then
    raise exception 'unknown embedding model' using
      errcode = 'MD510',
      detail = format('No enabled model has the name %s.', quote_literal(name)),
      hint = 'select name from memoriesdb.embedding_models where is_enabled lists them.';
  end if;
  perform set_config(
    'app.embedding_model',
    format('%s %s', v_model_id, extract(epoch from transaction_timestamp())), true
  );
  return v_model_id;
end;
$function$;

alter function memoriesdb.use_embedding_model(text) owner to memoriesdb_definer;
revoke all on function memoriesdb.use_embedding_model(text) from public;
grant execute on function memoriesdb.use_embedding_model(text)
to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb.use_embedding_model(text) is
'Let the rest of this transaction go by this model instead of the active one: recall() and its '
'kin, embed_query() and put_embedding(). null: by the active one again. So a model is tried before '
'it is switched to, and who embeds on his own is not surprised by a switch. Returns its id. Raises '
'MD510 for a model that is not there.';
