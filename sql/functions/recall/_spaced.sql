create or replace function memoriesdb._spaced(text text)
returns text
language plpgsql
immutable
parallel safe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
begin
  return ' ' || btrim(regexp_replace(lower(text), '[^[:alnum:]]+', ' ', 'g')) || ' ';
end;
$function$;

alter function memoriesdb._spaced(text) owner to memoriesdb_definer;
revoke all on function memoriesdb._spaced(text) from public;
comment on function memoriesdb._spaced(text) is
'A text as words in lower case with one space around each, so that a name is found as a whole.';
