create or replace function memoriesdb._check_ciphertext(
  former memoriesdb.memories, memory memoriesdb.memories
)
returns void
language plpgsql
volatile
parallel unsafe
security definer -- locks the key
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_header record := memoriesdb._ciphertext_header(memory.content);
begin
  if memory.owner_id <> memoriesdb.current_user_id() then
    raise exception 'only the owner writes the text of an encrypted memory' using
      errcode = 'MD303',
      detail = format('Memory %s is shared with you.', memory.id),
      hint = 'Ask its owner: nobody else has the key.';
  end if;
  if v_header.key_id is null then
    if memory.is_encrypted
       and (memoriesdb._ciphertext_header(former.content)).key_id is not null then
      raise exception 'plain text would take the place of a ciphertext' using
        errcode = 'MD601',
        detail = format('Memory %s is encrypted.', memory.id),
        hint = 'Write it by a client that has the key; or set is_encrypted to false with it.';
    end if;
    return;
  end if;
  if not memory.is_encrypted then
    raise exception 'a ciphertext is marked as plain text' using
      errcode = 'MD601',
      detail = format('Memory %s.', memory.id),
      hint = 'Set is_encrypted to true with it.';
  end if;
  if (v_header.memory_id, v_header.version) is distinct from (memory.id, memory.version) then
    raise exception 'the ciphertext belongs elsewhere' using
      errcode = 'MD601',
      detail = format('It was made for version %s of memory %s, and this is version %s of %s.',
        v_header.version, v_header.memory_id, memory.version, memory.id),
      hint = 'Encrypt for the next version, and update where version is the one you have read.';
  end if;
  -- As a foreign key locks it, so that nobody drops the key before this commits. Not retired, or
  -- only just: a transaction that has read the key goes on with it.
  perform from memoriesdb.owner_keys as k
  where k.owner_id = memory.owner_id and k.key_id = v_header.key_id
    and coalesce(k.retired_at > transaction_timestamp() - interval '1 minute', true)
  for key share;
  if not found then
    raise exception 'the key is not in use' using
      errcode = 'MD602',
      detail = format('Key %s of this owner was retired, or never was.', v_header.key_id),
      hint = 'Encrypt with the key in use: owner_keys, where retired_at is null.';
  end if;
end;
$function$;

alter function memoriesdb._check_ciphertext(memoriesdb.memories, memoriesdb.memories)
owner to memoriesdb_definer;
revoke all on function memoriesdb._check_ciphertext(memoriesdb.memories, memoriesdb.memories)
from public;
grant execute on function memoriesdb._check_ciphertext(memoriesdb.memories, memoriesdb.memories)
to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._check_ciphertext(memoriesdb.memories, memoriesdb.memories) is
'Whether an encrypted memory may get this text, as far as the database can tell: it says that it '
'was made for this memory and this version, by a key in use. Raises MD303, MD601, MD602.';
