create or replace function memoriesdb.remember(
  content text,
  kind text default 'note',
  metadata jsonb default '{}',
  stream text default null,
  importance double precision default 0.5,
  occurred_at timestamptz default now(),
  expires_at timestamptz default null
)
returns uuid
language plpgsql
volatile
parallel unsafe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_id uuid;
begin
  -- To answer with the id is to read: else the server would say no more than that it cannot.
  perform memoriesdb._require_scope('write'), memoriesdb._require_scope('read');
  insert into memoriesdb.memories as m (
    content, kind, metadata, stream, importance, occurred_at, expires_at
  )
  values (
    remember.content, remember.kind, remember.metadata, remember.stream,
    -- What `real` cannot hold is as far out of range as 2: the trigger says so.
    greatest(-1, least(remember.importance, 2)), remember.occurred_at, remember.expires_at
  )
  returning m.id into v_id;
  return v_id;
end;
$function$;

alter function memoriesdb.remember(
  text, text, jsonb, text, double precision, timestamptz, timestamptz
) owner to memoriesdb_definer;
revoke all on function memoriesdb.remember(
  text, text, jsonb, text, double precision, timestamptz, timestamptz
) from public;
grant execute on function memoriesdb.remember(
  text, text, jsonb, text, double precision, timestamptz, timestamptz
) to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb.remember(
  text, text, jsonb, text, double precision, timestamptz, timestamptz
) is
'Keep a memory of the user of this transaction; returns its id. Found by its words at commit, '
'by its meaning when a worker has embedded it. importance: 0 to 1; occurred_at: when it was '
'true; expires_at: from then on it is kept and not recalled. Raises MD001, MD004, MD101 to MD106, '
'MD110.';
