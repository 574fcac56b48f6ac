create or replace function memoriesdb.tg_memories__search_insert()
returns trigger
language plpgsql
volatile
parallel unsafe
security definer -- nobody but the definer reads and writes the search structures
set search_path = pg_catalog, pg_temp
as $function$
begin
  insert into memoriesdb.memory_documents (
    owner_id, doc, memory_id, kind, stream_id, speaker, occurred_at, expires_at, importance,
    trust, word_count, is_indexed
  )
  select
    n.owner_id, n.seq, n.id, n.kind,
    -- As _stream_id() and _speaker() have it: calls for each row would take longer than the row.
    encode(substr(sha256(convert_to(n.stream, 'UTF8')), 1, 16), 'hex')::uuid,
    case when jsonb_typeof(n.metadata -> 'speaker') = 'string' then nullif(btrim(
      regexp_replace(lower(left(n.metadata ->> 'speaker', 100)), '[^[:alnum:]]+', ' ', 'g')
    ), '') end,
    n.occurred_at, n.expires_at, n.importance, n.trust, 0,
    -- What has no words, a ciphertext, waits for nothing.
    n.search = ''
  from new_rows as n
  where n.forgotten_at is null
  order by n.seq;
  insert into memoriesdb.search_schedule (owner_id, doc, memory_id)
  select n.owner_id, n.seq, n.id
  from new_rows as n
  where n.forgotten_at is null and n.search <> ''
  order by n.seq;
  return null;
end;
$function$;

alter function memoriesdb.tg_memories__search_insert() owner to memoriesdb_definer;
revoke all on function memoriesdb.tg_memories__search_insert() from public;
comment on function memoriesdb.tg_memories__search_insert() is
'Enters new memories into the search structures: the document at once, its words by way of '
'search_schedule.';
