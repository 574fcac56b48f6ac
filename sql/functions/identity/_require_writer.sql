create or replace function memoriesdb._require_writer()
returns uuid
language plpgsql
stable
parallel restricted
security invoker
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_user_id uuid := memoriesdb._writer_id();
begin
  if v_user_id is null then
    -- Raises MD001 where there is no user at all.
    v_user_id := memoriesdb._require_user();
    raise exception 'this user may not write' using
      errcode = 'MD004',
      detail = format('User %s has the role viewer.', v_user_id),
      hint = 'Ask an admin for the role user.';
  end if;
  return v_user_id;
end;
$function$;

alter function memoriesdb._require_writer() owner to memoriesdb_definer;
revoke all on function memoriesdb._require_writer() from public;
grant execute on function memoriesdb._require_writer()
to memoriesdb_owner, memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._require_writer() is
'The user of this transaction. Raises MD001 where there is none, MD004 where he may only read.';
