-- One at a time, whoever asks: PostgreSQL builds and drops the indexes of a table one after the
-- other, and the others would hold a lease and wait.
create or replace function memoriesdb.claim_vector_index(
  worker text, lease interval default '2 minutes'
)
returns table (
  action text,
  index_name name,
  lease_token bigint,
  owner_id uuid,
  model_id uuid,
  generation integer,
  through_doc bigint,
  dimensions integer,
  row_count bigint,
  vector_schema name,
  attempt integer
)
language plpgsql
volatile
parallel unsafe
security definer -- workers have no rights on tables
set search_path = pg_catalog, pg_temp
as $function$
#variable_conflict use_column
declare
  v_at timestamptz := clock_timestamp();
  v_token bigint := nextval('memoriesdb.lease_token_seq');
  v_row memoriesdb.memory_vector_indexes;
  v_name name := format('memory_embeddings_nearest_%s_idx', v_token)::name;
  v_doc bigint;
begin
  perform memoriesdb._check_claim(worker, 1, lease);
  lock table memoriesdb.memory_vector_indexes in share row exclusive mode;
  if exists (
    select from memoriesdb.memory_vector_indexes as v
    where v.worker is not null and v.available_at > v_at
  ) then
    return;
  end if;
  vector_schema := (
    select n.nspname from pg_catalog.pg_extension as e
    join pg_catalog.pg_namespace as n on n.oid = e.extnamespace
    where e.extname = 'vector'
  );

  -- Gone already.
  delete from memoriesdb.memory_vector_indexes as v
  where v.state = 'retired' and not exists (
    select from memoriesdb._vector_index_files() as f where f.index_name = v.index_name
  );
  -- Indexes of a lost worker, of a failed attempt and of an erased user are nobody's.
  index_name := memoriesdb._nobodys_vector_index();
  if index_name is not null then
    action := 'drop';
    return next;
    return;
  end if;

  -- A build that took its worker down every time is given up here: nobody reported a failure.
  update memoriesdb.memory_vector_indexes as v
  set state = 'failed', worker = null, updated_at = v_at,
    last_error = coalesce(v.last_error, 'the worker was lost every time')
  where v.state = 'building' and v.attempts >= memoriesdb._setting('max_attempts')::integer;
  select v.* into v_row
  from memoriesdb.memory_vector_indexes as v
  join memoriesdb.embedding_models as o on o.id = v.model_id
  where v.state in ('wanted', 'building', 'retired') and v.available_at <= v_at
  order by (v.state = 'retired') desc, o.is_active desc, v.row_count desc, v.created_at
  limit 1;
  if not found then
    return;
  end if;
  if v_row.state <> 'retired' then
    select n.last_doc into v_doc
    from memoriesdb._newer_vectors(v_row.owner_id, v_row.model_id, 0) as n;
    if v_doc is null then
      -- Erased since it was planned.
      delete from memoriesdb.memory_vector_indexes as v
      where v.owner_id = v_row.owner_id and v.model_id = v_row.model_id
        and v.generation = v_row.generation;
      return;
    end if;
  end if;
  update memoriesdb.memory_vector_indexes as v
  set state = case v.state when 'retired' then v.state else 'building' end,
    index_name = case v.state when 'retired' then v.index_name else v_name end,
    through_doc = coalesce(v_doc, v.through_doc),
    attempts = v.attempts + 1, lease_token = v_token, worker = claim_vector_index.worker,
    available_at = v_at + lease, updated_at = v_at
  where v.owner_id = v_row.owner_id and v.model_id = v_row.model_id
    and v.generation = v_row.generation
  returning v.* into v_row;
  return query
  select
    case v_row.state when 'retired' then 'drop' else 'build' end, v_row.index_name, v_token,
    v_row.owner_id, v_row.model_id, v_row.generation, v_row.through_doc, v_row.dimensions,
    v_row.row_count, vector_schema, v_row.attempts;
end;
$function$;

alter function memoriesdb.claim_vector_index(text, interval) owner to memoriesdb_definer;
revoke all on function memoriesdb.claim_vector_index(text, interval) from public;
grant execute on function memoriesdb.claim_vector_index(text, interval) to memoriesdb_worker;
comment on function memoriesdb.claim_vector_index(text, interval) is
'Take the next vector index to build or to drop; no row while another worker has one. action: '
'build, or drop; a drop without a lease_token is of an index that nobody''s row names, and needs '
'no answer. lease: 1 second to 1 hour; renew_vector_index() prolongs it.';
