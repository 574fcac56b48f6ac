create or replace function memoriesdb._count_frequent_terms(owner_id uuid)
returns void
language plpgsql
volatile
parallel unsafe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_documents bigint := (
    select sum(c.document_count)::bigint from memoriesdb.search_counts as c
    where c.owner_id = _count_frequent_terms.owner_id
  );
  v_counted bigint := (
    select max(f.of_documents) from memoriesdb.frequent_terms as f
    where f.owner_id = _count_frequent_terms.owner_id
  );
begin
  -- Who had more, and has no frequent words any more: by their old counts the few that are left
  -- would not be read.
  if v_documents is null or v_documents < 10000 then
    delete from memoriesdb.frequent_terms as f where f.owner_id = _count_frequent_terms.owner_id;
    return;
  end if;
  if v_documents between v_counted * 0.9 and v_counted * 1.1 then
    return;
  end if;
  -- Whoever counts meanwhile counts the same.
  if exists (
    select from memoriesdb.frequent_terms as f
    where f.owner_id = _count_frequent_terms.owner_id
      and f.counted_at > clock_timestamp() - interval '10 seconds'
  ) then
    return;
  end if;
  delete from memoriesdb.frequent_terms as f where f.owner_id = _count_frequent_terms.owner_id;
  insert into memoriesdb.frequent_terms (owner_id, term, document_count, of_documents)
  select _count_frequent_terms.owner_id, t.term, count(*), v_documents
  from memoriesdb.memory_terms as t
  where t.owner_id = _count_frequent_terms.owner_id
  group by t.term
  having count(*) > 1000
  on conflict do nothing;
end;
$function$;

alter function memoriesdb._count_frequent_terms(uuid) owner to memoriesdb_definer;
revoke all on function memoriesdb._count_frequent_terms(uuid) from public;
comment on function memoriesdb._count_frequent_terms(uuid) is
'Count in how many documents an owner has his frequent words, where he has 10,000 documents or '
'more and a tenth more or less than when they were counted last; forget them where he has fewer.';
