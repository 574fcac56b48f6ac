create or replace function memoriesdb._token_count(text text)
returns integer
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
  -- Of ASCII, tokenizers give about a token for four letters, more where words are short or signs
  -- are many. Of any other script one or more for a letter; up to three for a syllable of Korean,
  -- which some take apart into its letters, and for what is four bytes long, such as emoji.
  select greatest(
    ceil(char_length(c.ascii) / 4.0),
    cardinality(regexp_split_to_array(c.ascii, '\s+')),
    ceil(char_length(regexp_replace(c.ascii, '[[:alnum:][:space:]]', '', 'g'))
      + char_length(c.ascii) / 5.0)
  )::integer + case
    when octet_length(text) = char_length(text) then 0
    else char_length(regexp_replace(text, '[\u0001-\u007f]+', '', 'g'))
      + 2 * char_length(
        regexp_replace(text, '[^\uac00-\ud7a3\U00010000-\U0010ffff]+', '', 'g')
      )
  end
  from (
    select case
      when octet_length(text) = char_length(text) then text
      else regexp_replace(text, '[^\u0001-\u007f]+', ' ', 'g')
    end as ascii
  ) as c;
$function$;

alter function memoriesdb._token_count(text) owner to memoriesdb_definer;
revoke all on function memoriesdb._token_count(text) from public;
grant execute on function memoriesdb._token_count(text) to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._token_count(text) is
'About how many tokens a language model reads a text as: never less than a fourth of its letters, '
'its number of words, or its number of letters beyond ASCII. An estimate, on the safe side for '
'English and for scripts other than the Latin one.';
