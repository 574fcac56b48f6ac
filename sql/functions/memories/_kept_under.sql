-- The row is claimed before anything is kept: whoever comes with the same key at the same time
-- waits at it for the end of this transaction.
create or replace function memoriesdb._kept_under(idempotency_key text)
returns uuid[]
language plpgsql
volatile
parallel unsafe
security definer -- users have no rights on idempotency_keys; the owner is the session's
set search_path = pg_catalog, pg_temp
as $function$
declare
  -- To answer with ids is to read.
  v_user_id uuid := memoriesdb._require_scope('read');
  v_key_hash bytea;
  v_memory_ids uuid[];
begin
  perform memoriesdb._require_scope('write');
  if idempotency_key !~ '[^[:space:]]' or octet_length(idempotency_key) > 200 then
    raise exception 'idempotency_key is empty or too long' using
      errcode = 'MD110',
      hint = 'Give a text of at most 200 bytes that is new for each thing to keep, such as a UUID.';
  end if;
  v_key_hash := sha256(convert_to(idempotency_key, 'UTF8'));
  delete from memoriesdb.idempotency_keys as i
  where i.owner_id = v_user_id and i.key_hash = any (array(
    select o.key_hash
    from memoriesdb.idempotency_keys as o
    where o.owner_id = v_user_id
      and o.created_at < clock_timestamp()
        - make_interval(days => memoriesdb._setting('idempotency_days')::integer)
    order by o.created_at
    limit 10
    for update skip locked
  ));
  insert into memoriesdb.idempotency_keys (owner_id, key_hash)
  values (v_user_id, v_key_hash)
  on conflict do nothing;
  if found then
    -- Else a token could fill the table with keys of nothing.
    perform memoriesdb._spend('writes', 1);
  else
    select i.memory_ids into v_memory_ids
    from memoriesdb.idempotency_keys as i
    where i.owner_id = v_user_id and i.key_hash = v_key_hash;
  end if;
  return v_memory_ids;
end;
$function$;

alter function memoriesdb._kept_under(text) owner to memoriesdb_definer;
revoke all on function memoriesdb._kept_under(text) from public;
grant execute on function memoriesdb._kept_under(text) to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._kept_under(text) is
'Ids of what the user of this transaction has kept under this key; null where it is new, and then '
'it is taken until _keep_under() says what was kept. Also deletes some of the user''s old keys. '
'A new key counts as a write of a token. Raises MD001, MD004, MD110, and MD011 to MD013 by a token '
'with a limit.';
