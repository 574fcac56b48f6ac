-- Not in SQL: such a function is planned anew in each statement that calls it.
create or replace function memoriesdb._speaker(metadata jsonb)
returns text
language plpgsql
immutable
parallel safe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
begin
  if jsonb_typeof(metadata -> 'speaker') = 'string' then
    return nullif(btrim(memoriesdb._spaced(left(metadata ->> 'speaker', 100))), '');
  end if;
  return null;
end;
$function$;

alter function memoriesdb._speaker(jsonb) owner to memoriesdb_definer;
revoke all on function memoriesdb._speaker(jsonb) from public;
comment on function memoriesdb._speaker(jsonb) is
'Who speaks in a memory, as the search structures keep it: words in lower case; '
'null where metadata.speaker is no text.';
