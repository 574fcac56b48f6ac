-- A fact of the release and no setting: whoever changes the functions that workers call changes it.
create or replace function memoriesdb.worker_protocol()
returns integer
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
  select 1;
$function$;

alter function memoriesdb.worker_protocol() owner to memoriesdb_definer;
revoke all on function memoriesdb.worker_protocol() from public;
grant execute on function memoriesdb.worker_protocol() to memoriesdb_worker, memoriesdb_admin;
comment on function memoriesdb.worker_protocol() is
'Number of the way in which workers and the queues'' functions speak with each other. A worker '
'that speaks another one stops and says what to upgrade.';
