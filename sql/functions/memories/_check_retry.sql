-- Against the memories themselves, so that no fingerprint of a text outlives its erasure.
create or replace function memoriesdb._check_retry(memory_ids uuid[], contents text[])
returns void
language plpgsql
stable
parallel restricted
security invoker
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_index bigint;
begin
  if cardinality(memory_ids) = cardinality(contents) then
    select k.number - 1 into v_index
    from unnest(memory_ids, contents) with ordinality as k (memory_id, content, number)
    cross join lateral (
      -- Any state that it had: it may have been edited since.
      select bool_or(s.content_hash = sha256(convert_to(k.content, 'UTF8'))) as is_same
      from (
        select m.content_hash from memoriesdb.memories as m
        where m.owner_id = memoriesdb.current_user_id() and m.id = k.memory_id
        union all
        select v.content_hash from memoriesdb.memory_versions as v
        where v.owner_id = memoriesdb.current_user_id() and v.memory_id = k.memory_id
      ) as s
    ) as c
    -- Another ciphertext each time; and what is gone cannot be compared.
    where left(k.content, 8) <> 'mdbenc1:' and not c.is_same
    order by k.number
    limit 1;
    if not found then
      return;
    end if;
  end if;
  raise exception 'the idempotency key was used for something else' using
    errcode = 'MD112',
    detail = case
      when v_index is null then format(
        'It kept %s memories, and %s are given.', cardinality(memory_ids), cardinality(contents)
      )
      else format('Item %s (from 0) has another text than what was kept.', v_index)
    end,
    hint = 'Give a new key for each thing to keep, and the same one only to retry.';
end;
$function$;

alter function memoriesdb._check_retry(uuid[], text[]) owner to memoriesdb_definer;
revoke all on function memoriesdb._check_retry(uuid[], text[]) from public;
grant execute on function memoriesdb._check_retry(uuid[], text[])
to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._check_retry(uuid[], text[]) is
'Whether these texts are what was kept under an idempotency key as these memories; of memories '
'that were erased or given away nothing is asked. Raises MD112.';
