-- For each row, with a condition on the trigger: over a transition table the plan of a bulk
-- statement would be kept, and read all postings for one memory.
create or replace function memoriesdb.tg_memories__search_remove()
returns trigger
language plpgsql
volatile
parallel unsafe
security definer -- nobody but the definer reads and writes the search structures
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_document memoriesdb.memory_documents;
begin
  -- The document first, as index_memories() does: what comes after its lock sees what has been
  -- indexed meanwhile.
  delete from memoriesdb.memory_documents as d
  where d.owner_id = old.owner_id and d.doc = old.seq
  returning d.* into v_document;
  if not v_document.is_indexed then
    delete from memoriesdb.search_schedule as s
    where s.owner_id = old.owner_id and s.doc = old.seq;
  elsif v_document.word_count > 0 then
    insert into memoriesdb.search_counts (owner_id, document_count, word_count)
    values (old.owner_id, -1, -v_document.word_count);
    delete from memoriesdb.memory_terms as t
    where t.owner_id = old.owner_id and t.term = any (tsvector_to_array(old.search))
      and t.doc = old.seq;
  end if;
  return null;
end;
$function$;

alter function memoriesdb.tg_memories__search_remove() owner to memoriesdb_definer;
revoke all on function memoriesdb.tg_memories__search_remove() from public;
comment on function memoriesdb.tg_memories__search_remove() is
'Takes a memory that is deleted, forgotten or has another text out of the search structures, in '
'the same transaction.';
