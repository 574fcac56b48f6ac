create or replace function memoriesdb.hold(subject_id uuid, reason text)
returns uuid
language plpgsql
volatile
parallel unsafe
security definer -- writes memory_holds
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_admin_id uuid := memoriesdb._require_admin();
  v_id uuid := memoriesdb._new_id();
  v_owner_id uuid;
  v_memory_id uuid;
  v_is_there boolean;
  v_former_ids uuid[];
begin
  if hold.reason is null or char_length(btrim(hold.reason)) = 0 then
    raise exception 'a hold needs a reason' using
      errcode = 'MD110', hint = 'Say why, in 1 to 1000 characters.';
  end if;
  if char_length(hold.reason) > 1000 then
    raise exception 'the reason of a hold has at most 1000 characters' using
      errcode = 'MD110',
      detail = format('This one has %s.', char_length(hold.reason)),
      hint = 'Shorten it, or name what holds the rest.';
  end if;
  -- One after the other, and marked before anything is locked: see _raise_if_unseen().
  lock table memoriesdb.memory_holds in share row exclusive mode;
  -- Else this mark would hide a hold from this transaction that it does not see.
  perform memoriesdb._raise_if_unseen('memoriesdb.hold_mark_seq');
  perform setval('memoriesdb.hold_mark_seq', pg_current_xact_id()::text::bigint);
  select u.id into v_owner_id from memoriesdb.users as u where u.id = hold.subject_id
  for key share;
  if not found then
    v_memory_id := hold.subject_id;
    v_owner_id := memoriesdb._lock_memory(v_memory_id);
  end if;
  -- Whoever deletes or erases is waited for, or waits and then sees the hold.
  perform from memoriesdb.memories as m
  where m.owner_id = v_owner_id and (v_memory_id is null or m.id = v_memory_id)
  for share;
  v_is_there := found;
  perform from memoriesdb.memory_versions as v
  where v.owner_id = v_owner_id and (v_memory_id is null or v.memory_id = v_memory_id)
  for share;
  if v_owner_id is null or (v_memory_id is not null and not (v_is_there or found)) then
    raise exception 'there is nothing to hold' using
      errcode = 'MD201',
      detail = format('No memory and no user has the id %s.', v_memory_id),
      hint = 'Give the id of a memory, or that of a user for all of his memories.';
  end if;
  -- So are those who drop or rewrap its keys, and who erase a user that once had it.
  v_former_ids := array(
    select distinct v.ended_by from memoriesdb.memory_versions as v
    where v.owner_id = v_owner_id and (v_memory_id is null or v.memory_id = v_memory_id)
      and v.operation = 'TRANSFER'
  );
  perform from memoriesdb.users as u where u.id = any (v_former_ids) order by u.id for key share;
  perform from memoriesdb.owner_keys as k
  where k.owner_id = any (v_owner_id || v_former_ids)
  order by k.owner_id, k.key_id
  for share;
  insert into memoriesdb.memory_holds (
    id, owner_id, memory_id, reason, placed_by, placed_by_login, placed_at
  )
  values (
    v_id, v_owner_id, v_memory_id, hold.reason, v_admin_id, session_user, clock_timestamp()
  );
  return v_id;
end;
$function$;

alter function memoriesdb.hold(uuid, text) owner to memoriesdb_definer;
revoke all on function memoriesdb.hold(uuid, text) from public;
grant execute on function memoriesdb.hold(uuid, text)
to memoriesdb_app, memoriesdb_client, memoriesdb_admin;
comment on function memoriesdb.hold(uuid, text) is
'Place a legal hold on a memory (its id), deleted ones too, or on all that a user has (his id), '
'and return the hold''s id (admins). Until release() what is held is neither forgotten, made to '
'expire earlier, deleted, given away nor erased, and the keys that it is encrypted with neither '
'dropped nor wrapped anew; contents may be edited, since the former ones are kept. Raises MD110 '
'without a reason, MD201 where there is nothing, MD004.';
