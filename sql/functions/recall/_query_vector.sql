create or replace function memoriesdb._query_vector(
  query text, query_embedding @extschema:vector@.vector
)
returns table (model_id uuid, embedding @extschema:vector@.halfvec)
language plpgsql
volatile
parallel unsafe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_dimensions integer;
begin
  select a.model_id, a.dimensions into model_id, v_dimensions from memoriesdb._active_model() as a;
  if query_embedding is not null and model_id is null then
    raise exception 'no model that query_embedding could be of' using
      errcode = 'MD109',
      detail = 'No embedding model is active, so no memory has a vector to compare it with.',
      hint = 'Leave query_embedding out, or ask an admin to register a model.';
  end if;
  if query_embedding is not null
     and @extschema:vector@.vector_dims(query_embedding) <> v_dimensions then
    raise exception 'wrong vector dimension' using
      errcode = 'MD109',
      detail = format('query_embedding has %s dimensions, the active model %s.',
        @extschema:vector@.vector_dims(query_embedding), v_dimensions),
      hint = 'Embed the query with the active model (embedding_models.is_active), or leave '
        'query_embedding out.';
  end if;
  if query_embedding is null and model_id is not null then
    -- By that model, even if another one is switched to at this moment.
    query_embedding := memoriesdb._embed_by(model_id, query);
  end if;
  -- Its length means nothing for a cosine, and might not fit into half precision.
  embedding := @extschema:vector@.l2_normalize(query_embedding)::@extschema:vector@.halfvec;
  return next;
end;
$function$;

alter function memoriesdb._query_vector(
  text, @extschema:vector@.vector
) owner to memoriesdb_definer;
revoke all on function memoriesdb._query_vector(text, @extschema:vector@.vector) from public;
grant execute on function memoriesdb._query_vector(
  text, @extschema:vector@.vector
)
to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._query_vector(text, @extschema:vector@.vector) is
'The model that recall uses and the vector of a query as it is compared: the one that is given, or '
'by the model. Raises MD109.';
