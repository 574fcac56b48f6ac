create or replace function memoriesdb._normal_text(text text)
returns text
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
  -- Not every sign: C++ is not C#, and -5 is not 5.
  select btrim(lower(regexp_replace(text, '[[:space:].,;:!"''()“”‘’]+', ' ', 'g')));
$function$;

alter function memoriesdb._normal_text(text) owner to memoriesdb_definer;
revoke all on function memoriesdb._normal_text(text) from public;
grant execute on function memoriesdb._normal_text(text) to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._normal_text(text) is
'A text without what makes no difference: case, spaces, and the punctuation that only divides.';
