-- A tsvector holds a megabyte of words. A text with more of them is not refused: of a memory that
-- is not found by all its words nothing is lost.
create or replace function memoriesdb._search_vector(body text)
returns tsvector
language plpgsql
stable
parallel unsafe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_language regconfig := (memoriesdb._setting('search_language') #>> '{}')::regconfig;
  v_part text := body;
  v_found tsvector;
begin
  -- No text makes four times as much of itself.
  if octet_length(body) <= 200000 then
    return to_tsvector(v_language, body);
  end if;
  loop
    begin
      v_found := to_tsvector(v_language, v_part);
      exit;
    exception
      when program_limit_exceeded then
        v_part := left(v_part, char_length(v_part) * 9 / 10);
        -- Without the word that was cut through.
        v_part := left(
          v_part,
          char_length(v_part) - char_length(substring(right(v_part, 100) from '[[:alnum:]]*$'))
        );
    end;
  end loop;
  if v_part <> body then
    raise notice 'a text has too many different words to be found by all of them' using
      detail = format(
        'Words of the first %s of its %s characters are searched, by meaning as always.',
        char_length(v_part), char_length(body)
      ),
      hint = 'memoriesdb.chunk_text(…) makes parts of it that are each found by all their words.';
  end if;
  return v_found;
end;
$function$;

alter function memoriesdb._search_vector(text) owner to memoriesdb_definer;
revoke all on function memoriesdb._search_vector(text) from public;
grant execute on function memoriesdb._search_vector(text)
to memoriesdb_owner, memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._search_vector(text) is
'Lexemes of a text in the language of settings.search_language. Where a tsvector cannot hold them, '
'those of as much of its beginning as fits, with a NOTICE.';
