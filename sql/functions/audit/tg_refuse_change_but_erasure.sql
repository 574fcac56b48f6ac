-- Invoker, so that current_user tells who deletes: the functions that erase and prune belong to
-- memoriesdb_eraser, as whom nobody logs in and of whom nobody is a member.
create or replace function memoriesdb.tg_refuse_change_but_erasure()
returns trigger
language plpgsql
volatile
parallel unsafe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
begin
  if tg_op = 'DELETE' and current_user = 'memoriesdb_eraser' then
    return old;
  end if;
  raise exception '% is append-only', tg_table_name using
    errcode = 'MD503',
    detail = format('%s was refused for %s.', tg_op, session_user),
    hint = 'History is added to, never changed: erase() and retention alone remove from it.',
    schema = tg_table_schema, table = tg_table_name;
end;
$function$;

alter function memoriesdb.tg_refuse_change_but_erasure() owner to memoriesdb_definer;
revoke all on function memoriesdb.tg_refuse_change_but_erasure() from public;
grant execute on function memoriesdb.tg_refuse_change_but_erasure()
to memoriesdb_owner, memoriesdb_eraser, memoriesdb_app, memoriesdb_client, memoriesdb_worker,
memoriesdb_admin, memoriesdb_auditor;
comment on function memoriesdb.tg_refuse_change_but_erasure() is
'Refuses UPDATE and DELETE of what is append-only, for everyone but the functions that erase and '
'prune, which may DELETE. Raises MD503.';
