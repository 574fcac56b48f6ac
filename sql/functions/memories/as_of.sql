create or replace function memoriesdb.as_of(at timestamptz)
returns table (
  memory_id uuid,
  version integer,
  valid_from timestamptz,
  valid_until timestamptz,
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
  if at is null then
    raise exception 'at is null' using
      errcode = 'MD106', hint = 'Give a time; now() for the present.';
  end if;
  return query
  with state as (
    select
      m.id, m.version, m.updated_at as valid_from, null::timestamptz as valid_until, m.kind,
      m.content, m.content_hash, m.metadata, m.stream, m.importance, m.trust, m.occurred_at,
      m.expires_at, m.forgotten_at, m.updated_by, m.seq
    from memoriesdb.memories as m
    where m.owner_id = v_user_id and m.updated_at <= at
    union all
    select
      v.memory_id, v.version, v.valid_from, v.valid_until, v.kind,
      coalesce(v.content, (
        select w.content from memoriesdb.memory_versions as w
        where w.owner_id = v_user_id and w.memory_id = v.memory_id and w.version > v.version
          and w.content_hash = v.content_hash and w.content is not null
        order by w.version limit 1
      ), (
        select m.content from memoriesdb.memories as m
        where m.owner_id = v_user_id and m.id = v.memory_id and m.content_hash = v.content_hash
      )),
      v.content_hash, v.metadata, v.stream, v.importance, v.trust, v.occurred_at, v.expires_at,
      v.forgotten_at, v.updated_by, v.seq
    from memoriesdb.memory_versions as v
    where v.owner_id = v_user_id and v.valid_from <= at and v.valid_until > at
  )

  select
    s.id, s.version, s.valid_from, s.valid_until, s.kind, s.content, s.content_hash, s.metadata,
    s.stream, s.importance, s.trust, s.occurred_at, s.expires_at, s.forgotten_at, s.updated_by
  from state as s
  order by s.seq;
  get diagnostics v_count = row_count;
  perform memoriesdb._log_access('as_of', 'answered', '{}', v_count);
end;
$function$;

alter function memoriesdb.as_of(timestamptz) owner to memoriesdb_definer;
revoke all on function memoriesdb.as_of(timestamptz) from public;
grant execute on function memoriesdb.as_of(timestamptz) to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb.as_of(timestamptz) is
'One''s own memories as they were at a time, by the clock of the statements that changed them '
'(not of their commits), forgotten ones included. Raises MD106 for null.';
