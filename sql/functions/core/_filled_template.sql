create or replace function memoriesdb._filled_template(
  template text, content text, metadata jsonb, occurred_at timestamptz
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
begin
  if v_speaker is null or v_speaker = '' or jsonb_typeof(metadata -> 'speaker') <> 'string' then
    return content;
  end if;
  -- First the places become control characters, so that a speaker named "{content}" stays a name.
  return replace(
    replace(
      replace(
        replace(replace(replace(template, '{date}', E'\x01'), '{speaker}', E'\x02'),
          '{content}', E'\x03'),
        E'\x01', to_char(occurred_at at time zone 'UTC', 'FMDD FMMonth YYYY')
      ),
      E'\x02', v_speaker
    ),
    E'\x03', content
  );
end;
$function$;

alter function memoriesdb._filled_template(text, text, jsonb, timestamptz)
owner to memoriesdb_definer;
revoke all on function memoriesdb._filled_template(text, text, jsonb, timestamptz) from public;
grant execute on function memoriesdb._filled_template(text, text, jsonb, timestamptz)
to memoriesdb_owner, memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._filled_template(text, text, jsonb, timestamptz) is
'The text of a memory that is embedded and indexed, by a template with {speaker}, {date} and '
'{content} in it; the content alone where metadata.speaker is no text.';
