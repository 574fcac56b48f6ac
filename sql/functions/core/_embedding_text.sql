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
begin
  if metadata ? 'speaker' then
    return memoriesdb._filled_template(
      memoriesdb._setting('embedding_template') #>> '{}', content, metadata, occurred_at
    );
  end if;
  return content;
end;
$function$;

alter function memoriesdb._embedding_text(text, jsonb, timestamptz) owner to memoriesdb_definer;
revoke all on function memoriesdb._embedding_text(text, jsonb, timestamptz) from public;
grant execute on function memoriesdb._embedding_text(text, jsonb, timestamptz)
to memoriesdb_owner, memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._embedding_text(text, jsonb, timestamptz) is
'The text of a memory that is embedded and indexed: settings.embedding_template where '
'metadata.speaker is a text, else the content alone.';
