create or replace function memoriesdb.drop_owner_key(key_id integer, shred boolean default false)
returns boolean
language plpgsql
volatile
parallel unsafe
security definer -- users write no keys directly; only the user's own
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_user_id uuid := memoriesdb._require_scope('write');
  v_retired_at timestamptz;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'a key is dropped in read committed alone' using
      errcode = 'MD110',
      detail = 'An older snapshot does not show who began to need it meanwhile.',
      hint = 'Begin the transaction with isolation level read committed.';
  end if;
  -- Waits for those who write with it; what they wrote is seen by the statements below.
  select k.retired_at into v_retired_at
  from memoriesdb.owner_keys as k
  where k.owner_id = v_user_id and k.key_id = drop_owner_key.key_id
  for update;
  if not found then
    return false;
  end if;
  if v_retired_at is null then
    raise exception 'the key is in use' using
      errcode = 'MD604',
      detail = format('New texts are encrypted with key %s.', drop_owner_key.key_id),
      hint = 'Add another key first (`memoriesdb encryption rotate`), or call '
        'memoriesdb.retire_owner_key(…).';
  end if;
  if exists (
    select from memoriesdb.memories as m
    where m.owner_id = v_user_id and m.is_encrypted
      and (memoriesdb._ciphertext_header(m.content)).key_id = drop_owner_key.key_id
  ) then
    raise exception 'memories need the key' using
      errcode = 'MD604',
      detail = format('Without key %s they would be lost.', drop_owner_key.key_id),
      hint = 'Run `memoriesdb encryption reencrypt`, or delete them.';
  end if;
  if not coalesce(shred, false) and exists (
    select from memoriesdb.memory_versions as v
    where v.owner_id = v_user_id
      and (memoriesdb._ciphertext_header(v.content)).key_id = drop_owner_key.key_id
  ) then
    raise exception 'former versions need the key' using
      errcode = 'MD604',
      detail = format('Without key %s nobody can read them any more.', drop_owner_key.key_id),
      hint = 'Keep the key; or, where that is what you want, give shred => true '
        '(`memoriesdb encryption drop --shred`).';
  end if;
  delete from memoriesdb.owner_keys as k
  where k.owner_id = v_user_id and k.key_id = drop_owner_key.key_id;
  return true;
end;
$function$;

alter function memoriesdb.drop_owner_key(integer, boolean) owner to memoriesdb_definer;
revoke all on function memoriesdb.drop_owner_key(integer, boolean) from public;
grant execute on function memoriesdb.drop_owner_key(integer, boolean)
to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb.drop_owner_key(integer, boolean) is
'Delete a retired key that no memory needs. With shred also one that former versions need: they, '
'and the audit''s copies, are unreadable from then on, in every backup whose key is gone too. '
'False where there is no such key. Raises MD110, MD204 (what is under a legal hold needs it), '
'MD604.';
