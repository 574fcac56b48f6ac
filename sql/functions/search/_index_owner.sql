create or replace function memoriesdb._index_owner(owner_id uuid, most integer)
returns bigint
language plpgsql
volatile
parallel unsafe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan -- by how much there is to do
as $function$
declare
  v_docs bigint[];
  v_ids uuid[];
  v_words bigint;
  v_documents bigint;
begin
  -- Locked in a statement of its own: the next one sees what the last writer has committed, and
  -- whoever writes later waits for this lock before he takes postings away.
  select array_agg(l.doc), array_agg(l.memory_id) into v_docs, v_ids
  from (
    select d.doc, d.memory_id
    from memoriesdb.search_schedule as s
    join memoriesdb.memory_documents as d on d.owner_id = s.owner_id and d.doc = s.doc
    -- Also of the version that is locked: another one at it may have been faster.
    where s.owner_id = _index_owner.owner_id and not d.is_indexed
    order by s.doc
    limit most
    for update of d skip locked
  ) as l;
  if v_docs is null then
    return 0::bigint;
  end if;

  with word as materialized (
    select m.seq as doc, u.lexeme, least(coalesce(cardinality(u.positions), 1), 255) as frequency
    from memoriesdb.memories as m
    cross join lateral unnest(m.search) as u
    where m.owner_id = _index_owner.owner_id and m.id = any (v_ids)
  ),

  document as materialized (
    select w.doc, sum(w.frequency)::integer as word_count from word as w group by w.doc
  ),

  posting as (
    insert into memoriesdb.memory_terms (owner_id, term, doc, frequency, word_count)
    select _index_owner.owner_id, w.lexeme, w.doc, w.frequency, d.word_count
    from word as w
    join document as d on d.doc = w.doc
    order by w.lexeme collate "C", w.doc
  ),

  marked as (
    update memoriesdb.memory_documents as d
    set is_indexed = true, word_count = n.word_count
    from document as n
    where d.owner_id = _index_owner.owner_id and d.doc = n.doc
  ),

  done as (
    delete from memoriesdb.search_schedule as s
    where s.owner_id = _index_owner.owner_id and s.doc = any (v_docs)
  )

  select sum(d.word_count), count(*) into v_words, v_documents from document as d;
  -- Added up, when nobody else is at it: a change adds a row of its own.
  with former as (
    delete from memoriesdb.search_counts as c
    where c.owner_id = _index_owner.owner_id and c.count_id in (
      select k.count_id from memoriesdb.search_counts as k
      where k.owner_id = _index_owner.owner_id
      for update skip locked
    )
    returning c.document_count, c.word_count
  )

  insert into memoriesdb.search_counts (owner_id, document_count, word_count)
  select
    _index_owner.owner_id, coalesce(sum(f.document_count), 0) + v_documents,
    coalesce(sum(f.word_count), 0) + v_words
  from former as f;
  perform memoriesdb._count_frequent_terms(_index_owner.owner_id);
  return cardinality(v_docs)::bigint;
end;
$function$;

alter function memoriesdb._index_owner(uuid, integer) owner to memoriesdb_definer;
revoke all on function memoriesdb._index_owner(uuid, integer) from public;
comment on function memoriesdb._index_owner(uuid, integer) is
'Index up to most waiting memories of one owner; returns how many.';
