-- For triggers of rows: to check a signature for each of them would be what a write costs. What is
-- written by it is held against the signature once a statement.
create or replace function memoriesdb._claimed_user()
returns uuid
language plpgsql
stable
parallel restricted
security invoker
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_claim text := split_part(current_setting('app.session', true), '.', 3);
begin
  if v_claim ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then
    return v_claim::uuid;
  end if;
  return null;
end;
$function$;

alter function memoriesdb._claimed_user() owner to memoriesdb_definer;
revoke all on function memoriesdb._claimed_user() from public;
grant execute on function memoriesdb._claimed_user()
to memoriesdb_owner, memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._claimed_user() is
'Whom the session of this transaction names, whether or not it is signed; null without a session. '
'Proves nothing.';
