-- Counts by one pass over the primary key, which is a tenth of the covering index: by the worker,
-- about once a minute and never in a recall.
create or replace function memoriesdb._earns_vector_index()
returns table (owner_id uuid, model_id uuid, dimensions integer, row_count bigint)
language plpgsql
stable
parallel safe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
set jit = off
as $function$
#variable_conflict use_column
declare
  v_min_rows bigint := memoriesdb._setting('vector_index_min_rows')::bigint;
  v_limit bigint := memoriesdb._setting('vector_index_limit')::bigint;
begin
  return query
  with counted as materialized (
    -- Who has an index keeps it until he has shrunk by a third.
    select e.owner_id, e.model_id, count(*) as row_count
    from memoriesdb.memory_embeddings as e
    group by e.owner_id, e.model_id
    having count(*) >= v_min_rows * 2 / 3
  ),

  ranked as (
    select
      c.owner_id, c.model_id, o.dimensions, c.row_count,
      -- And nobody takes the place of another who is hardly smaller. Each model has as many places:
      -- those of the next one are built before it is switched to.
      row_number() over (
        partition by c.model_id
        order by c.row_count * (1 + h.is_held::integer * 0.3) desc, c.owner_id
      ) as place
    from counted as c
    join memoriesdb.embedding_models as o on o.id = c.model_id and o.is_enabled
    cross join lateral (
      select exists (
        select from memoriesdb.memory_vector_indexes as v
        where v.owner_id = c.owner_id and v.model_id = c.model_id and v.state <> 'retired'
      ) as is_held
    ) as h
    where h.is_held or (
      c.row_count >= v_min_rows
      -- Vectors of a backfill come all at once: an index before its end would be built again and
      -- again.
      and (o.is_active or not exists (
        select from memoriesdb.embedding_schedule as j
        where j.owner_id = c.owner_id and j.model_id = c.model_id and j.priority >= 100
          and j.dead_at is null
      ))
    )
  )

  select r.owner_id, r.model_id, r.dimensions, r.row_count
  from ranked as r
  where r.place <= v_limit;
end;
$function$;

alter function memoriesdb._earns_vector_index() owner to memoriesdb_definer;
revoke all on function memoriesdb._earns_vector_index() from public;
comment on function memoriesdb._earns_vector_index() is
'Whose vectors, by which model, are to have an index now, with how many they are: counts all.';
