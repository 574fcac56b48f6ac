create or replace function memoriesdb._erasure_facts(
  owner_id uuid, memory_ids uuid[], audit_ids bigint[]
)
returns jsonb
language sql
stable
parallel restricted
security invoker -- only the eraser's functions may call it
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $function$
  with entry as materialized (
    select p.row_id, p.before, p.after
    from memoriesdb.audit_payloads as p
    where p.audit_id = any (audit_ids) and p.row_id = any (memory_ids)
  ),

  hash as (
    select unnest(array[m.content_hash, m.embedding_text_hash]) as hash
    from memoriesdb.memories as m
    where m.owner_id = _erasure_facts.owner_id and m.id = any (memory_ids)
    union
    select v.content_hash
    from memoriesdb.memory_versions as v
    where v.owner_id = _erasure_facts.owner_id and v.memory_id = any (memory_ids)
    union
    select e.text_hash
    from memoriesdb.memory_embeddings as e
    where e.owner_id = _erasure_facts.owner_id and e.memory_id = any (memory_ids)
    union
    select decode(h, 'hex')
    from entry as x
    cross join unnest(array[
      x.before ->> 'content_hash', x.after ->> 'content_hash',
      x.before ->> 'text_hash', x.after ->> 'text_hash'
    ]) as h
    where h ~ '^[0-9a-f]{64}$'
  )

  select jsonb_build_object(
    'content_hashes', (
      select coalesce(jsonb_agg(encode(h.hash, 'hex') order by h.hash), '[]') from hash as h
    ),
    'shared_with', (
      select coalesce(jsonb_agg(g.one order by g.one), '[]')
      from (
        select distinct jsonb_build_object(
          'memory_id', x.row_id,
          'grantee_id', coalesce(x.after, x.before) -> 'grantee_id'
        ) as one
        from entry as x
        where coalesce(x.after, x.before) ? 'grantee_id'
      ) as g
    ),
    'copies', (
      select coalesce(jsonb_agg(
        jsonb_build_object(
          'memory_id', x.row_id, 'owner_id', x.after -> 'by', 'copy_id', x.after -> 'copy_id',
          'acquired_at', x.after -> 'at'
        ) order by x.after ->> 'at'
      ), '[]')
      from entry as x
      where x.after ? 'copy_id'
    )
  );
$function$;

alter function memoriesdb._erasure_facts(uuid, uuid[], bigint[]) owner to memoriesdb_eraser;
revoke all on function memoriesdb._erasure_facts(uuid, uuid[], bigint[]) from public;
comment on function memoriesdb._erasure_facts(uuid, uuid[], bigint[]) is
'What a receipt tells of memories before they are erased: the hashes of all their texts, with whom '
'they were ever shared, and who acquired copies.';
