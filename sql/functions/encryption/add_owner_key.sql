create or replace function memoriesdb.add_owner_key(
  key_id integer, wrapped_key bytea, provider text, provider_key text
)
returns void
language plpgsql
volatile
parallel unsafe
security definer -- users write no keys directly; only the user's own
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_user_id uuid := memoriesdb._require_scope('write');
begin
  perform memoriesdb._check_wrapped_key(wrapped_key, provider, provider_key);
  -- Whoever adds a key at the same time waits here, or at the primary key; those who write with the
  -- former one are not waited for.
  perform from memoriesdb.owner_keys as k where k.owner_id = v_user_id for no key update;
  if add_owner_key.key_id is distinct from coalesce(
    (select max(k.key_id) from memoriesdb.owner_keys as k where k.owner_id = v_user_id), 0
  ) + 1 then
    raise exception 'another key was added' using
      errcode = 'MD603',
      detail = format('Key %s is not the next one.', coalesce(add_owner_key.key_id::text, 'null')),
      hint = 'Read owner_keys again: the next key has the number after the last one.';
  end if;
  update memoriesdb.owner_keys as k
  set retired_at = clock_timestamp()
  where k.owner_id = v_user_id and k.retired_at is null;
  insert into memoriesdb.owner_keys (
    owner_id, key_id, wrapped_key, provider, provider_key, created_at
  )
  values (
    v_user_id, add_owner_key.key_id, add_owner_key.wrapped_key, add_owner_key.provider,
    add_owner_key.provider_key, clock_timestamp()
  );
exception
  when unique_violation then
    raise exception 'another key was added' using
      errcode = 'MD603',
      detail = format('Key %s is there already.', add_owner_key.key_id),
      hint = 'Read owner_keys again: the next key has the number after the last one.';
end;
$function$;

alter function memoriesdb.add_owner_key(integer, bytea, text, text) owner to memoriesdb_definer;
revoke all on function memoriesdb.add_owner_key(integer, bytea, text, text) from public;
grant execute on function memoriesdb.add_owner_key(integer, bytea, text, text)
to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb.add_owner_key(integer, bytea, text, text) is
'Keep a new key of the user, wrapped, and use it from now on; the former one is retired and stays '
'for reading. key_id: the number after the last one. Raises MD110, and MD603 where somebody was '
'faster.';
