-- What is embedded and indexed is the memory with who said it and when: 23 points of recall@10 on
-- LoCoMo.
create or replace function memoriesdb._embedding_text(
  content text, metadata jsonb, occurred_at timestamptz
)
returns text
language plpgsql
stable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_speaker text := btrim(regexp_replace(metadata ->> 'speaker', '[[:cntrl:]]+', ' ', 'g'));
  v_template text;
begin
  if v_speaker is null or v_speaker = '' or jsonb_typeof(metadata -> 'speaker') <> 'string' then
    return content;
  end if;
  v_template := memoriesdb._setting('embedding_template') #>> '{}';
  -- First the places become control characters, so that a speaker named "{content}" stays a name.
  v_template := replace(
    replace(replace(v_template, '{date}', E'\x01'), '{speaker}', E'\x02'), '{content}', E'\x03'
  );
  v_template := replace(
    v_template, E'\x01', to_char(occurred_at at time zone 'UTC', 'FMDD FMMonth YYYY')
  );
  return replace(replace(v_template, E'\x02', v_speaker), E'\x03', content);
end;
$function$;

alter function memoriesdb._embedding_text(text, jsonb, timestamptz) owner to memoriesdb_definer;
revoke all on function memoriesdb._embedding_text(text, jsonb, timestamptz) from public;
grant execute on function memoriesdb._embedding_text(text, jsonb, timestamptz)
to memoriesdb_owner, memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._embedding_text(text, jsonb, timestamptz) is
'The text of a memory that is embedded and indexed: settings.embedding_template where '
'metadata.speaker is a text, else the content alone.';
