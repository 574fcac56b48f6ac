create or replace function memoriesdb.reserve_memory_id()
returns uuid
language sql
volatile
parallel unsafe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
  select i from memoriesdb.reserve_memory_ids(1) as i;
$function$;

alter function memoriesdb.reserve_memory_id() owner to memoriesdb_definer;
revoke all on function memoriesdb.reserve_memory_id() from public;
grant execute on function memoriesdb.reserve_memory_id() to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb.reserve_memory_id() is
'The id of one memory that this user will insert encrypted in this transaction, as '
'reserve_memory_ids(). Raises MD001, MD004.';
