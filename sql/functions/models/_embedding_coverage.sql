-- Exact, and so it reads all memories: for an admin who asks, and never in a recall.
create or replace function memoriesdb._embedding_coverage(model_id uuid)
returns table (
  memories bigint, ready bigint, stale bigint, missing bigint, queued bigint, dead bigint,
  unqueued bigint, encrypted_missing bigint
)
language plpgsql
stable
parallel safe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
set jit = off
as $function$
#variable_conflict use_column
begin
  return query
  with job as (
    select
      j.owner_id, j.memory_id, bool_or(j.dead_at is null) as is_queued,
      bool_or(j.dead_at is not null) as is_dead
    from memoriesdb.embedding_schedule as j
    where j.model_id = _embedding_coverage.model_id
    group by j.owner_id, j.memory_id
  )

  select
    count(*),
    count(*) filter (where e.text_hash = m.embedding_text_hash),
    count(*) filter (where e.text_hash <> m.embedding_text_hash),
    count(*) filter (where e.text_hash is null),
    count(*) filter (where j.is_queued),
    count(*) filter (where j.is_dead),
    count(*) filter (
      where not m.is_encrypted and j.memory_id is null
        and e.text_hash is distinct from m.embedding_text_hash
    ),
    count(*) filter (where m.is_encrypted and e.text_hash is null)
  from memoriesdb.memories as m
  left join memoriesdb.memory_embeddings as e
    on e.owner_id = m.owner_id and e.memory_id = m.id
    and e.model_id = _embedding_coverage.model_id
  left join job as j on j.owner_id = m.owner_id and j.memory_id = m.id
  -- What is encrypted has a vector only where its owner gave one: one by the active model is not to
  -- be lost.
  where not m.is_encrypted or e.text_hash is not null or exists (
    select from memoriesdb.memory_embeddings as g
    join memoriesdb.embedding_models as o on o.id = g.model_id and o.is_active
    where g.owner_id = m.owner_id and g.memory_id = m.id
  );
end;
$function$;

alter function memoriesdb._embedding_coverage(uuid) owner to memoriesdb_definer;
revoke all on function memoriesdb._embedding_coverage(uuid) from public;
comment on function memoriesdb._embedding_coverage(uuid) is
'How many memories recall can find by meaning with this model: of all that are in plain text, or '
'encrypted with a vector by it or by the active model, those with a vector of their last text '
'(ready), of a former one (stale) and of none (missing); those with a job, with a dead letter, and '
'those that lack a vector of their last text and have neither (unqueued).';
