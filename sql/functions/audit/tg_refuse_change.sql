create or replace function memoriesdb.tg_refuse_change()
returns trigger
language plpgsql
volatile
parallel unsafe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
begin
  raise exception '% is append-only', tg_table_name using
    errcode = 'MD503',
    detail = format('%s was refused for %s.', tg_op, session_user),
    hint = 'History is added to, never changed: write a new entry.',
    schema = tg_table_schema, table = tg_table_name;
end;
$function$;

alter function memoriesdb.tg_refuse_change() owner to memoriesdb_definer;
revoke all on function memoriesdb.tg_refuse_change() from public;
grant execute on function memoriesdb.tg_refuse_change()
to memoriesdb_owner, memoriesdb_app, memoriesdb_client, memoriesdb_worker, memoriesdb_admin,
memoriesdb_auditor;
comment on function memoriesdb.tg_refuse_change() is
'Refuses UPDATE, DELETE and TRUNCATE of what is append-only, for everyone. Raises MD503.';
