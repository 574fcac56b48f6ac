create or replace function memoriesdb.embedding_model_status(name text default null)
returns table (
  model text,
  is_active boolean,
  is_enabled boolean,
  memories bigint,
  ready bigint,
  stale bigint,
  missing bigint,
  queued bigint,
  dead bigint,
  unqueued bigint,
  encrypted_missing bigint,
  indexes_ready bigint,
  indexes_missing bigint,
  next_step text
)
language plpgsql
stable
parallel safe
security definer -- counts rows that admins cannot read
set search_path = pg_catalog, pg_temp
as $function$
#variable_conflict use_column
begin
  if name is not null and not exists (
    select from memoriesdb.embedding_models as o where o.name = embedding_model_status.name
  ) then
    -- Raises.
    perform memoriesdb._enabled_model(name);
  end if;
  return query
  select
    o.name, o.is_active, o.is_enabled, c.memories, c.ready, c.stale, c.missing, c.queued, c.dead,
    c.unqueued, c.encrypted_missing, i.ready, i.missing,
    case
      when not o.is_enabled then 'drop'
      when o.is_active then 'none'
      when c.missing <= 0.01 * c.memories and i.missing = 0 then 'switch'
      when c.unqueued > 0 then 'backfill'
      when c.queued > 0 then 'wait for the embedding worker'
      when c.missing > 0.01 * c.memories then 'look at what is missing'
      else 'wait for the vindexing worker'
    end
  from memoriesdb.embedding_models as o
  cross join lateral memoriesdb._embedding_coverage(o.id) as c
  cross join lateral (
    select
      count(*) filter (where v.model_id = o.id) as ready,
      -- Those who have one by the active model, and none by this one yet.
      count(*) filter (
        where a.is_active and not o.is_active and not exists (
          select from memoriesdb.memory_vector_indexes as w
          where w.owner_id = v.owner_id and w.model_id = o.id and w.state = 'ready'
        )
      ) as missing
    from memoriesdb.memory_vector_indexes as v
    join memoriesdb.embedding_models as a on a.id = v.model_id
    where v.state = 'ready'
  ) as i
  where embedding_model_status.name is null or o.name = embedding_model_status.name
  order by o.is_active desc, o.created_at;
end;
$function$;

alter function memoriesdb.embedding_model_status(text) owner to memoriesdb_definer;
revoke all on function memoriesdb.embedding_model_status(text) from public;
grant execute on function memoriesdb.embedding_model_status(text) to memoriesdb_admin;
comment on function memoriesdb.embedding_model_status(text) is
'How far each model is, or one of them (memoriesdb_admin): of the memories that recall can find by '
'meaning, how many have a vector of their last text by it (ready), of a former one (stale), of '
'none (missing; encrypted_missing: of these, those that only their owner can give one), a job '
'(queued), a dead letter, or lack a vector and have neither (unqueued); and vector indexes of '
'large owners, ready, and missing of those that the active model has. next_step: what comes next '
'in a change of the model, none for the active one. Reads all memories. Raises MD510.';
