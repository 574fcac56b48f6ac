create or replace function memoriesdb.history(memory_id uuid)
returns table (
  version integer,
  valid_from timestamptz,
  valid_until timestamptz,
  operation text,
  kind text,
  content text,
  content_hash bytea,
  metadata jsonb,
  stream text,
  importance real,
  trust real,
  occurred_at timestamptz,
  expires_at timestamptz,
  forgotten_at timestamptz,
  updated_by uuid
)
language plpgsql
volatile
parallel unsafe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_user_id uuid := memoriesdb._require_scope('read');
  v_count integer;
begin
  return query
  with state as (
    select
      v.version, v.valid_from, v.valid_until, v.operation, v.kind, v.content, v.content_hash,
      v.metadata, v.stream, v.importance, v.trust, v.occurred_at, v.expires_at, v.forgotten_at,
      v.updated_by
    from memoriesdb.memory_versions as v
    where v.owner_id = v_user_id and v.memory_id = history.memory_id
    union all
    select
      m.version, m.updated_at, null, null, m.kind, m.content, m.content_hash, m.metadata, m.stream,
      m.importance, m.trust, m.occurred_at, m.expires_at, m.forgotten_at, m.updated_by
    from memoriesdb.memories as m
    where m.owner_id = v_user_id and m.id = history.memory_id
  )

  select
    s.version, s.valid_from, s.valid_until, s.operation, s.kind,
    -- A version without text has that of the next state with one, and the same hash.
    coalesce(s.content, (
      select t.content from state as t
      where t.version > s.version and t.content is not null and t.content_hash = s.content_hash
      order by t.version limit 1
    )),
    s.content_hash, s.metadata, s.stream, s.importance, s.trust, s.occurred_at, s.expires_at,
    s.forgotten_at, s.updated_by
  from state as s
  order by s.version;
  get diagnostics v_count = row_count;
  perform memoriesdb._log_access(
    'history', case when v_count > 0 then 'answered' else 'refused' end, array[history.memory_id],
    sign(v_count)::integer
  );
end;
$function$;

alter function memoriesdb.history(uuid) owner to memoriesdb_definer;
revoke all on function memoriesdb.history(uuid) from public;
grant execute on function memoriesdb.history(uuid) to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb.history(uuid) is
'Every state of one of one''s own memories, oldest first, with the period in which it held '
'(valid_from inclusive, valid_until exclusive); the present state has no valid_until and no '
'operation. No rows for what is not one''s own.';
