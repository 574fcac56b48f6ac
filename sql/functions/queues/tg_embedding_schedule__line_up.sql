create or replace function memoriesdb.tg_embedding_schedule__line_up()
returns trigger
language plpgsql
volatile
parallel unsafe
security definer -- a superuser who repairs by hand needs no rights of his own here
set search_path = pg_catalog, pg_temp
as $function$
begin
  if new.available_at <= clock_timestamp() then
    new.turn := memoriesdb._turn(new.owner_id, new.model_id, new.priority);
  end if;
  return new;
end;
$function$;

alter function memoriesdb.tg_embedding_schedule__line_up() owner to memoriesdb_definer;
revoke all on function memoriesdb.tg_embedding_schedule__line_up() from public;
comment on function memoriesdb.tg_embedding_schedule__line_up() is
'Gives a job that is queued without a turn, or whose memory is written while it waits in a '
'backfill, its place in the line.';
