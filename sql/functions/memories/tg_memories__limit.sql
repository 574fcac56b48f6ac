create or replace function memoriesdb.tg_memories__limit()
returns trigger
language plpgsql
volatile
parallel unsafe
security definer -- users have no rights on settings
set search_path = pg_catalog, pg_temp
as $function$
begin
  if memoriesdb._setting('token_writes_per_minute') = '0' then
    return null;
  end if;
  if tg_op = 'DELETE' then
    perform memoriesdb._spend('writes', (select count(*) from old_rows));
  else
    perform memoriesdb._spend('writes', (select count(*) from new_rows));
  end if;
  return null;
end;
$function$;

alter function memoriesdb.tg_memories__limit() owner to memoriesdb_definer;
revoke all on function memoriesdb.tg_memories__limit() from public;
comment on function memoriesdb.tg_memories__limit() is
'Counts written memories against the limit of the token. Raises MD011, MD012, MD013.';
