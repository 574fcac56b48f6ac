create or replace function memoriesdb._speaker(metadata jsonb)
returns text
language sql
immutable
parallel safe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
  select case when jsonb_typeof(metadata -> 'speaker') = 'string'
    then nullif(btrim(memoriesdb._spaced(left(metadata ->> 'speaker', 100))), '')
  end;
$function$;

alter function memoriesdb._speaker(jsonb) owner to memoriesdb_definer;
revoke all on function memoriesdb._speaker(jsonb) from public;
comment on function memoriesdb._speaker(jsonb) is
'Who speaks in a memory, as the search structures keep it: words in lower case; '
'null where metadata.speaker is no text.';
