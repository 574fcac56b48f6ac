create or replace function memoriesdb._writer_id()
returns uuid
language plpgsql
stable
parallel restricted
security definer -- reads users
set search_path = pg_catalog, pg_temp
as $function$
begin
  return (
    select u.id
    from memoriesdb.users as u
    where u.id = memoriesdb.current_user_id() and u.role <> 'viewer'
  );
end;
$function$;

alter function memoriesdb._writer_id() owner to memoriesdb_definer;
revoke all on function memoriesdb._writer_id() from public;
grant execute on function memoriesdb._writer_id()
to memoriesdb_owner, memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._writer_id() is
'The user of this transaction where he may write, else null: viewers only read. For the '
'policies of writing.';
