create or replace function memoriesdb._check_memory(memory memoriesdb.memories)
returns void
language plpgsql
stable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_max_bytes integer := memoriesdb._setting('max_content_bytes')::integer;
begin
  if memory.content is null or memory.content !~ '[^[:space:]]' then
    raise exception 'content is empty' using
      errcode = 'MD101',
      hint = 'A memory needs a text with something other than blanks.';
  end if;
  if octet_length(memory.content) > v_max_bytes then
    raise exception 'content is too long' using
      errcode = 'MD102',
      detail = format(
        'It has %s bytes, the limit is %s.', octet_length(memory.content), v_max_bytes
      ),
      hint = 'Split it into several memories of one stream, or ask an admin to raise the setting '
        'max_content_bytes.';
  end if;
  if memory.kind is null or memory.kind !~ '^[a-z][a-z0-9_]{0,62}$' then
    raise exception 'invalid kind' using
      errcode = 'MD103',
      detail = 'A kind is a lower-case word of letters, digits and _ with 1 to 63 characters that '
        'starts with a letter.',
      hint = 'Such as note, message, fact or event.';
  end if;
  if memory.metadata is null or jsonb_typeof(memory.metadata) <> 'object' then
    raise exception 'metadata is not a JSON object' using
      errcode = 'MD104',
      detail = format('It is %s.', coalesce('of type ' || jsonb_typeof(memory.metadata), 'null')),
      hint = 'Give {} or an object such as {"speaker": "Ada"}.';
  end if;
  if octet_length(memory.metadata::text) > v_max_bytes then
    raise exception 'metadata is too long' using
      errcode = 'MD102',
      detail = format(
        'It has %s bytes, the limit is %s.', octet_length(memory.metadata::text), v_max_bytes
      ),
      hint = 'Keep large documents elsewhere and refer to them.';
  end if;
  if memory.importance is null or not memory.importance between 0 and 1 then
    raise exception 'importance is out of range' using
      errcode = 'MD105', hint = 'Give a number from 0 to 1.';
  end if;
  if memory.trust is null or not memory.trust between 0 and 1 then
    raise exception 'trust is out of range' using
      errcode = 'MD105', hint = 'Give a number from 0 to 1.';
  end if;
  if not isfinite(memory.occurred_at) or not isfinite(memory.expires_at)
     or not isfinite(memory.forgotten_at) then
    raise exception 'a time is infinite' using
      errcode = 'MD106', hint = 'Leave expires_at out for a memory that never expires.';
  end if;
  if memory.occurred_at is null then
    raise exception 'occurred_at is null' using
      errcode = 'MD106', hint = 'Leave it out for now.';
  end if;
  if char_length(memory.stream) > 1000 or memory.stream = '' then
    raise exception 'invalid stream' using
      errcode = 'MD110',
      hint = 'The name of a stream has 1 to 1000 characters; leave it out for none.';
  end if;
end;
$function$;

alter function memoriesdb._check_memory(memoriesdb.memories) owner to memoriesdb_definer;
revoke all on function memoriesdb._check_memory(memoriesdb.memories) from public;
grant execute on function memoriesdb._check_memory(memoriesdb.memories)
to memoriesdb_owner, memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._check_memory(memoriesdb.memories) is
'Raises MD101 to MD106 or MD110 where a memory''s own columns are not as they must be.';
