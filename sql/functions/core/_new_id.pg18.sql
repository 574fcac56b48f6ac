create or replace function memoriesdb._new_id()
returns uuid
language sql
volatile
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
  select uuidv7();
$function$;

alter function memoriesdb._new_id() owner to memoriesdb_definer;
revoke all on function memoriesdb._new_id() from public;
grant execute on function memoriesdb._new_id()
to memoriesdb_owner, memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._new_id() is
'A new time-ordered UUID (version 7): PostgreSQL''s own, which counts within a session.';
