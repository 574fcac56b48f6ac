-- Invoker, so that current_user tells who writes: the definer (transfer moves a row with its maker,
-- id and times, acquire makes one with its origin) or anybody else. For each row, and a call of a
-- function costs as much as a dozen expressions: what most rows need stands here in line.
create or replace function memoriesdb.tg_memories__stamp()
returns trigger
language plpgsql
volatile
parallel unsafe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_is_moved boolean := tg_op = 'INSERT' and current_user = 'memoriesdb_definer';
  -- Whom the session names, whether or not it may: to prove it for each row would be most of what a
  -- write costs. What is written by it is held against the proof once a statement.
  v_claim text := case
    when current_setting('app.session', true) <> ''
      then split_part(current_setting('app.session', true), '.', 3)
    when pg_has_role(session_user, 'memoriesdb_app', 'MEMBER')
      then current_setting('app.current_user', true)
  end;
  v_user_id uuid;
  v_settings text[] := memoriesdb._write_settings(new.metadata ? 'speaker');
  v_max_bytes integer := v_settings[1]::integer;
  v_text text;
begin
  -- As _who() has it.
  if v_claim like '________-____-____-____-____________'
     and length(replace(v_claim, '-', '')) = 32 and replace(v_claim, '-', '') ~ '^[0-9a-f]+$' then
    v_user_id := v_claim::uuid;
  end if;
  if tg_op = 'INSERT' and not v_is_moved then
    v_user_id := coalesce(v_user_id, memoriesdb._require_scope('write'));
    if num_nonnulls(new.origin_id, new.origin_owner_id, new.origin_hash, new.acquired_at) > 0 then
      raise exception 'nobody writes a memory''s origin' using
        errcode = 'MD202', hint = 'memoriesdb.acquire(…) copies a memory with its origin.';
    end if;
    new.owner_id := coalesce(new.owner_id, v_user_id);
    -- A ciphertext names its memory, so that id was reserved before the text was encrypted.
    if left(new.content, 8) = 'mdbenc1:' then
      new.id := memoriesdb._take_reservation(new.content);
    else
      new.id := null;
    end if;
    new.id := coalesce(new.id, memoriesdb._new_id());
    new.version := 1;
    new.created_by := v_user_id;
    new.updated_by := v_user_id;
    new.created_at := clock_timestamp();
    new.updated_at := new.created_at;
    new.forgotten_at := null;
    new.trust_limit := least(new.trust_limit, 1);
    new.occurred_at := coalesce(new.occurred_at, new.created_at);
  elsif tg_op = 'UPDATE' then
    v_user_id := coalesce(v_user_id, memoriesdb._user_with_scope('write'));
    -- Without a user it is a migration or a function of the system's. No policy lets anybody else
    -- come here; but a statement may take its session away between two rows.
    if v_user_id is null and current_user not in ('memoriesdb_definer', 'memoriesdb_eraser')
       and not pg_has_role(current_user, 'memoriesdb_owner', 'MEMBER') then
      perform memoriesdb._require_scope('write');
    end if;
    if (
      new.owner_id, new.id, new.seq, new.created_by, new.created_at, new.origin_id,
      new.origin_owner_id, new.origin_hash, new.acquired_at
    ) is distinct from (
      old.owner_id, old.id, old.seq, old.created_by, old.created_at, old.origin_id,
      old.origin_owner_id, old.origin_hash, old.acquired_at
    ) then
      raise exception 'owner_id, id, seq, maker, time of making and origin never change' using
        errcode = 'MD202',
        detail = format('Memory %s.', old.id),
        hint = 'memoriesdb.transfer(…) gives a memory to another user.';
    end if;
    if v_user_id <> old.owner_id and current_user <> 'memoriesdb_definer' then
      perform memoriesdb._check_edit(old, new);
    end if;
    new.version := old.version + 1;
    new.updated_by := v_user_id;
    -- Periods by the clock and never backwards: by now() two updates in one transaction had an
    -- empty one.
    new.updated_at := greatest(clock_timestamp(), old.updated_at + interval '1 microsecond');
  end if;

  -- The function says what is wrong.
  if (
    new.content ~ '[^[:space:]]' and octet_length(new.content) <= v_max_bytes
    and new.kind ~ '^[a-z][a-z0-9_]*$' and length(new.kind) <= 63
    and jsonb_typeof(new.metadata) = 'object' and octet_length(new.metadata::text) <= v_max_bytes
    and new.importance between 0 and 1 and new.trust between 0 and 1
    and isfinite(new.occurred_at)
    and isfinite(coalesce(new.expires_at, new.occurred_at))
    and isfinite(coalesce(new.forgotten_at, new.occurred_at))
    and char_length(coalesce(new.stream, ' ')) between 1 and 1000
  ) is not true then
    perform memoriesdb._check_memory(new);
  end if;
  -- By its beginning, which is read without the rest of a long text.
  if (new.is_encrypted or old.is_encrypted or left(new.content, 8) = 'mdbenc1:')
     and (new.content, new.is_encrypted) is distinct from (old.content, old.is_encrypted) then
    perform memoriesdb._check_ciphertext(old, new);
  end if;
  if new.trust > new.trust_limit or (tg_op = 'UPDATE' and new.trust_limit > old.trust_limit) then
    raise exception 'trust cannot grow beyond that of the sources' using
      errcode = 'MD205',
      detail = format('What memory %s was copied or derived from was trusted to %s.', new.id,
        case when tg_op = 'UPDATE' then old.trust_limit else new.trust_limit end),
      hint = 'Give at most its trust_limit; what one vouches for oneself is a memory of its own.';
  end if;

  if tg_op = 'INSERT' or new.content is distinct from old.content then
    new.content_hash := sha256(convert_to(new.content, 'UTF8'));
  else
    new.content_hash := old.content_hash;
  end if;
  -- Only when their source changes: as generated columns these were computed and written again by
  -- every UPDATE.
  if tg_op = 'INSERT' or new.content is distinct from old.content
     or new.is_encrypted <> old.is_encrypted
     or new.metadata -> 'speaker' is distinct from old.metadata -> 'speaker'
     or (new.metadata ? 'speaker' and new.occurred_at is distinct from old.occurred_at) then
    v_text := new.content;
    new.embedding_text_hash := new.content_hash;
    if new.metadata ? 'speaker' then
      v_text := memoriesdb._filled_template(
        v_settings[3], new.content, new.metadata, new.occurred_at
      );
      new.embedding_text_hash := sha256(convert_to(v_text, 'UTF8'));
    end if;
    -- Words of a ciphertext would find nothing.
    new.search := case when new.is_encrypted then ''
      -- It may have more words than can be held.
      when octet_length(v_text) > 200000 then memoriesdb._search_vector(v_text)
      else to_tsvector(v_settings[2]::regconfig, v_text) end;
  else
    new.search := old.search;
    new.embedding_text_hash := old.embedding_text_hash;
  end if;
  return new;
end;
$function$;

alter function memoriesdb.tg_memories__stamp() owner to memoriesdb_definer;
revoke all on function memoriesdb.tg_memories__stamp() from public;
grant execute on function memoriesdb.tg_memories__stamp() to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb.tg_memories__stamp() is
'Fills what users do not: id, owner, maker, times, version, hash and search columns; refuses '
'bad input, changes of what never changes, and trust above trust_limit.';
