create or replace function memoriesdb.embed_query(query text)
returns @extschema:vector@.vector
language plpgsql
volatile
parallel unsafe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
begin
  return memoriesdb._embed_by(
    (select a.model_id from memoriesdb._active_model() as a), query
  );
end;
$function$;

alter function memoriesdb.embed_query(text) owner to memoriesdb_definer;
revoke all on function memoriesdb.embed_query(text) from public;
grant execute on function memoriesdb.embed_query(text) to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb.embed_query(text) is
'The vector of a query by the active model, or that of use_embedding_model(), over HTTP from '
'within the server, at the address that an admin registered; cached for each user. Null, with a '
'NOTICE, where the endpoint is away or PL/Python is not installed; null where no model is active.';
