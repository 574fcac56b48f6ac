create or replace function memoriesdb.tg_settings__limit_tokens()
returns trigger
language plpgsql
volatile
parallel unsafe
security definer -- nobody but the definer may call _limit_tokens()
set search_path = pg_catalog, pg_temp
as $function$
begin
  perform memoriesdb._limit_tokens();
  return null;
end;
$function$;

alter function memoriesdb.tg_settings__limit_tokens() owner to memoriesdb_definer;
revoke all on function memoriesdb.tg_settings__limit_tokens() from public;
comment on function memoriesdb.tg_settings__limit_tokens() is
'Makes the sequences of a limit that is switched on, and drops those of one that is switched off.';
