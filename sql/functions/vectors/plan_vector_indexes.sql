create or replace function memoriesdb.plan_vector_indexes()
returns integer
language plpgsql
volatile
parallel unsafe
security definer -- workers have no rights on tables
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_owner_ids uuid[];
  v_model_ids uuid[];
  v_dimensions integer[];
  v_counts bigint[];
  v_changes integer := 0;
  v_count integer;
begin
  select
    coalesce(array_agg(e.owner_id), '{}'), coalesce(array_agg(e.model_id), '{}'),
    coalesce(array_agg(e.dimensions), '{}'), coalesce(array_agg(e.row_count), '{}')
  into v_owner_ids, v_model_ids, v_dimensions, v_counts
  from memoriesdb._earns_vector_index() as e;

  -- From here on alone: two workers would want the same generation.
  lock table memoriesdb.memory_vector_indexes in share row exclusive mode;
  update memoriesdb.memory_vector_indexes as v
  set state = 'retired', worker = null, lease_token = nextval('memoriesdb.lease_token_seq'),
    attempts = 0, available_at = clock_timestamp(), updated_at = clock_timestamp()
  where v.state <> 'retired' and not exists (
    select from unnest(v_owner_ids, v_model_ids) as e (owner_id, model_id)
    where e.owner_id = v.owner_id and e.model_id = v.model_id
  );
  get diagnostics v_count = row_count;
  v_changes := v_changes + v_count;
  -- What was given up may have been the disk's fault.
  update memoriesdb.memory_vector_indexes as v
  set state = 'wanted', attempts = 0, updated_at = clock_timestamp()
  where v.state = 'failed' and v.updated_at < clock_timestamp() - interval '1 day';
  get diagnostics v_count = row_count;
  v_changes := v_changes + v_count;
  insert into memoriesdb.memory_vector_indexes (
    owner_id, model_id, generation, state, dimensions, row_count
  )
  select e.owner_id, e.model_id, coalesce(h.generation, 0) + 1, 'wanted', e.dimensions, e.row_count
  from unnest(
    v_owner_ids, v_model_ids, v_dimensions, v_counts
  ) as e (owner_id, model_id, dimensions, row_count)
  left join lateral (
    select
      max(v.generation) as generation,
      bool_or(v.state in ('wanted', 'building', 'failed')) as is_coming,
      bool_or(v.state = 'ready') as is_ready
    from memoriesdb.memory_vector_indexes as v
    where v.owner_id = e.owner_id and v.model_id = e.model_id
  ) as h on true
  where not coalesce(h.is_coming, false)
    and (
      not coalesce(h.is_ready, false)
      or memoriesdb._is_vector_index_worn(e.owner_id, e.model_id, e.row_count)
    );
  get diagnostics v_count = row_count;
  return v_changes + v_count;
end;
$function$;

alter function memoriesdb.plan_vector_indexes() owner to memoriesdb_definer;
revoke all on function memoriesdb.plan_vector_indexes() from public;
grant execute on function memoriesdb.plan_vector_indexes() to memoriesdb_worker, memoriesdb_admin;
comment on function memoriesdb.plan_vector_indexes() is
'Count everybody''s vectors and decide which owners have an index of their own: those with '
'settings.vector_index_min_rows or more by an enabled model, at most settings.vector_index_limit '
'of them for each model, the largest first, by a model that is not active once its backfill is '
'done. Wants another generation of what is worn, retires what nobody earns '
'any more. Returns how many indexes it wants or retires; the vindexing worker builds and drops '
'them.';
