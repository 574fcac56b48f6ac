-- Called by functions that run as the user, so a user can call it too: to say of a key of his own
-- what was kept under it, once.
create or replace function memoriesdb._keep_under(idempotency_key text, memory_ids uuid[])
returns void
language plpgsql
volatile
parallel unsafe
security definer -- users have no rights on idempotency_keys; the owner is the session's
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_user_id uuid := memoriesdb._require_scope('write');
begin
  if (cardinality(_keep_under.memory_ids) <= 100000) is not true then
    raise exception 'too many memories under one idempotency key' using
      errcode = 'MD110', hint = 'Give at most 100000 at once, or parts with a key each.';
  end if;
  update memoriesdb.idempotency_keys as i
  set memory_ids = _keep_under.memory_ids
  where i.owner_id = v_user_id
    and i.key_hash = sha256(convert_to(idempotency_key, 'UTF8'))
    and i.memory_ids is null;
end;
$function$;

alter function memoriesdb._keep_under(text, uuid[]) owner to memoriesdb_definer;
revoke all on function memoriesdb._keep_under(text, uuid[]) from public;
grant execute on function memoriesdb._keep_under(text, uuid[])
to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._keep_under(text, uuid[]) is
'Record what was kept under a key that _kept_under() has taken. Raises MD001, MD004, MD110.';
