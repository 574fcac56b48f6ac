create or replace function memoriesdb._log_refused(action text, memory_ids uuid[])
returns void
language plpgsql
volatile
parallel unsafe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_user_id uuid := memoriesdb._require_user();
  v_ids uuid[] := array(
    select i from unnest(_log_refused.memory_ids) as i
    where not exists (
      select from memoriesdb.memories as m where m.owner_id = v_user_id and m.id = i
    )
  );
begin
  -- Where all of them are one's own nothing was refused: there was only nothing to do.
  if v_ids <> '{}' then
    perform memoriesdb._log_access(_log_refused.action, 'refused', v_ids, 0);
  end if;
end;
$function$;

alter function memoriesdb._log_refused(text, uuid[]) owner to memoriesdb_definer;
revoke all on function memoriesdb._log_refused(text, uuid[]) from public;
grant execute on function memoriesdb._log_refused(text, uuid[])
to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._log_refused(text, uuid[]) is
'Write an entry of access_log, outcome refused, about those of these memories that are not the '
'user''s own; none where all are. For functions that answer false or 0 then.';
