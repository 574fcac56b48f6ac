create or replace function memoriesdb._token_count(text text)
returns integer
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
  -- Tokenizers give about a token for four letters, more where words are short or signs are many,
  -- and one or more for a letter of a script without spaces.
  select greatest(
    ceil(char_length(text) / 4.0),
    ceil(octet_length(text) / 6.0),
    cardinality(regexp_split_to_array(text, '\s+')),
    ceil(char_length(regexp_replace(text, '[[:alnum:][:space:]]', '', 'g'))
      + char_length(text) / 5.0)
  )::integer;
$function$;

alter function memoriesdb._token_count(text) owner to memoriesdb_definer;
revoke all on function memoriesdb._token_count(text) from public;
grant execute on function memoriesdb._token_count(text) to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._token_count(text) is
'About how many tokens a language model reads a text as: never less than a fourth of its letters '
'or its number of words. An estimate, on the safe side for English.';
