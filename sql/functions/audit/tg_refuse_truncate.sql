create or replace function memoriesdb.tg_refuse_truncate()
returns trigger
language plpgsql
volatile
parallel unsafe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
begin
  raise exception 'TRUNCATE of % is refused', tg_table_name using
    errcode = 'MD503',
    detail = 'It would change every row of every owner without a version, an audit entry or a job.',
    hint = 'DELETE what is to go.',
    schema = tg_table_schema, table = tg_table_name;
end;
$function$;

alter function memoriesdb.tg_refuse_truncate() owner to memoriesdb_definer;
revoke all on function memoriesdb.tg_refuse_truncate() from public;
grant execute on function memoriesdb.tg_refuse_truncate()
to memoriesdb_owner, memoriesdb_app, memoriesdb_client, memoriesdb_worker, memoriesdb_admin,
memoriesdb_auditor;
comment on function memoriesdb.tg_refuse_truncate() is
'Refuses TRUNCATE, which no row trigger sees, for everyone. Raises MD503.';
