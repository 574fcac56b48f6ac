-- Compared with the memories themselves, so that no fingerprint of a text outlives its erasure; and
-- as the user, who reads what he may read.
create or replace function memoriesdb._retried(idempotency_key text, contents text[])
returns uuid[]
language plpgsql
volatile
parallel unsafe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_memory_ids uuid[] := memoriesdb._kept_under(idempotency_key);
  v_index bigint;
begin
  if v_memory_ids is null then
    return null;
  end if;
  if cardinality(v_memory_ids) = cardinality(contents) then
    select k.number - 1 into v_index
    from unnest(v_memory_ids, contents) with ordinality as k (memory_id, content, number)
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
      return v_memory_ids;
    end if;
  end if;
  raise exception 'the idempotency key was used for something else' using
    errcode = 'MD112',
    detail = case
      when v_index is null then format(
        'It kept %s memories, and %s are given.', cardinality(v_memory_ids), cardinality(contents)
      )
      else format('Item %s (from 0) has another text than what was kept.', v_index)
    end,
    hint = 'Give a new key for each thing to keep, and the same one only to retry.';
end;
$function$;

alter function memoriesdb._retried(text, text[]) owner to memoriesdb_definer;
revoke all on function memoriesdb._retried(text, text[]) from public;
grant execute on function memoriesdb._retried(text, text[])
to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._retried(text, text[]) is
'Ids of what was kept under this key, where these are the texts that it was kept with; null where '
'the key is new. Of memories that were erased or given away nothing is asked. For remember() and '
'its kin, which say to _keep_under() what they keep. Raises MD112, and what _kept_under() raises.';
