create or replace function memoriesdb.tg_memories__search_change()
returns trigger
language plpgsql
volatile
parallel unsafe
security definer -- nobody but the definer reads and writes the search structures
set search_path = pg_catalog, pg_temp
as $function$
begin
  if new.forgotten_at is null
     and (old.forgotten_at is not null or new.search <> old.search) then
    insert into memoriesdb.memory_documents (
      owner_id, doc, memory_id, kind, stream_id, speaker, occurred_at, expires_at, importance,
      trust, word_count, is_indexed
    )
    values (
      new.owner_id, new.seq, new.id, new.kind, memoriesdb._stream_id(new.stream),
      memoriesdb._speaker(new.metadata), new.occurred_at, new.expires_at, new.importance,
      new.trust, 0, new.search = ''
    );
    if new.search <> '' then
      insert into memoriesdb.search_schedule (owner_id, doc, memory_id)
      values (new.owner_id, new.seq, new.id);
    end if;
  else
    update memoriesdb.memory_documents as d
    set kind = new.kind, stream_id = memoriesdb._stream_id(new.stream),
      speaker = memoriesdb._speaker(new.metadata), occurred_at = new.occurred_at,
      expires_at = new.expires_at, importance = new.importance, trust = new.trust
    where d.owner_id = new.owner_id and d.doc = new.seq;
  end if;
  return null;
end;
$function$;

alter function memoriesdb.tg_memories__search_change() owner to memoriesdb_definer;
revoke all on function memoriesdb.tg_memories__search_change() from public;
comment on function memoriesdb.tg_memories__search_change() is
'Enters a memory that is restored or has another text into the search structures again, and takes '
'over what recall filters by.';
