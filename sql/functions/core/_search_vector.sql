create or replace function memoriesdb._search_vector(body text)
returns tsvector
language plpgsql
stable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
begin
  return to_tsvector((memoriesdb._setting('search_language') #>> '{}')::regconfig, body);
end;
$function$;

alter function memoriesdb._search_vector(text) owner to memoriesdb_definer;
revoke all on function memoriesdb._search_vector(text) from public;
grant execute on function memoriesdb._search_vector(text)
to memoriesdb_owner, memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._search_vector(text) is
'Lexemes of a text in the language of settings.search_language.';
