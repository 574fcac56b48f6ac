create or replace function memoriesdb.tg_memories__search_delete()
returns trigger
language plpgsql
volatile
parallel unsafe
security definer -- nobody but the definer reads and writes the search structures
set search_path = pg_catalog, pg_temp
set enable_seqscan = off -- a plan kept from a bulk statement would read all postings for one
set enable_hashjoin = off
set enable_mergejoin = off
as $function$
begin
  -- The document first, as index_memories() does: what comes after its lock sees what has been
  -- indexed meanwhile.
  with gone as (
    delete from memoriesdb.memory_documents as d
    using old_rows as o
    where d.owner_id = o.owner_id and d.doc = o.seq
    returning d.owner_id, d.word_count, d.is_indexed
  )

  insert into memoriesdb.search_counts (owner_id, document_count, word_count)
  select g.owner_id, -count(*), -sum(g.word_count)
  from gone as g
  where g.is_indexed and g.word_count > 0
  group by g.owner_id;
  delete from memoriesdb.search_schedule as s
  using old_rows as o
  where s.owner_id = o.owner_id and s.doc = o.seq;
  delete from memoriesdb.memory_terms as t
  using old_rows as o
  cross join lateral unnest(tsvector_to_array(o.search)) as w (term)
  where t.owner_id = o.owner_id and t.term = w.term and t.doc = o.seq;
  return null;
end;
$function$;

alter function memoriesdb.tg_memories__search_delete() owner to memoriesdb_definer;
revoke all on function memoriesdb.tg_memories__search_delete() from public;
comment on function memoriesdb.tg_memories__search_delete() is
'Takes deleted memories out of the search structures, in the same transaction.';
