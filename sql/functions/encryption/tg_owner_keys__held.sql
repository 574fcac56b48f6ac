-- By a trigger, so that no way leads round it: drop_owner_key(), rewrap_owner_key(), erase_user(),
-- and a statement of whoever may write the table. A hold locks the keys of what it is placed on, so
-- whoever waited for it sees it here.
create or replace function memoriesdb.tg_owner_keys__held()
returns trigger
language plpgsql
volatile
parallel unsafe
security definer -- reads holds, and former states in others' hands
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_held record;
begin
  if tg_op = 'UPDATE' and (
    new.owner_id, new.key_id, new.wrapped_key, new.provider, new.provider_key
  ) is not distinct from (
    old.owner_id, old.key_id, old.wrapped_key, old.provider, old.provider_key
  ) then
    return null;
  end if;
  perform memoriesdb._raise_if_unseen('memoriesdb.hold_mark_seq');
  select h.id, s.memory_id into v_held
  from memoriesdb.memory_holds as h
  cross join lateral (
    select m.id as memory_id, m.content
    from memoriesdb.memories as m
    where m.owner_id = h.owner_id and (h.memory_id is null or m.id = h.memory_id)
      and h.owner_id = old.owner_id and m.is_encrypted
    union all
    select v.memory_id, v.content
    from memoriesdb.memory_versions as v
    where v.owner_id = h.owner_id and (h.memory_id is null or v.memory_id = h.memory_id)
      and left(v.content, 8) = 'mdbenc1:'
      and (
        h.owner_id = old.owner_id
        -- Decrypted and given away: its former states went along and need the key of who had it.
        or exists (
          select from memoriesdb.memory_versions as t
          where t.owner_id = v.owner_id and t.memory_id = v.memory_id
            and t.operation = 'TRANSFER' and t.ended_by = old.owner_id
        )
      )
  ) as s
  where (memoriesdb._ciphertext_header(s.content)).key_id = old.key_id
  limit 1;
  if found then
    raise exception 'a legal hold stands against it' using
      errcode = 'MD204',
      detail = format('Memory %s is held by hold %s, and needs key %s as it is.', v_held.memory_id,
        v_held.id, old.key_id),
      hint = 'What is held stays readable until an admin releases it: memoriesdb.release(…), '
        '`memoriesdb hold release`. For what is written from now on add another key: '
        '`memoriesdb encryption rotate`.';
  end if;
  return null;
end;
$function$;

alter function memoriesdb.tg_owner_keys__held() owner to memoriesdb_definer;
revoke all on function memoriesdb.tg_owner_keys__held() from public;
comment on function memoriesdb.tg_owner_keys__held() is
'Refuses to delete a key, and to replace its wrapping, while what is under a legal hold is '
'encrypted with it: present and former texts, also of memories that were given away since. Raises '
'MD204; 40001 in repeatable read where a hold was placed since the transaction began.';
