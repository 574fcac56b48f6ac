create or replace function memoriesdb._lexeme_query(lexeme text)
returns tsquery
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
begin
  return ('''' || replace(replace(lexeme, E'\\', E'\\\\'), '''', '''''') || '''')::tsquery;
end;
$function$;

alter function memoriesdb._lexeme_query(text) owner to memoriesdb_definer;
revoke all on function memoriesdb._lexeme_query(text) from public;
grant execute on function memoriesdb._lexeme_query(text) to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._lexeme_query(text) is
'A tsquery for one lexeme as it stands, quoted.';
