create or replace function memoriesdb.remember(
  content text,
  kind text default 'note',
  metadata jsonb default '{}',
  stream text default null,
  importance double precision default 0.5,
  occurred_at timestamptz default now(),
  expires_at timestamptz default null,
  idempotency_key text default null
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
  v_kept uuid[];
begin
  -- To answer with the id is to read: else the server would say no more than that it cannot. Who
  -- may not write the trigger refuses; and by a token alone may one write who may not read.
  if current_setting('app.session', true) <> '' then
    perform memoriesdb._require_scope('read');
  end if;
  if idempotency_key is not null then
    v_kept := memoriesdb._retried(idempotency_key, array[content]);
    if v_kept is not null then
      return v_kept[1];
    end if;
  end if;
  insert into memoriesdb.memories as m (
    content, kind, metadata, stream, importance, occurred_at, expires_at
  )
  values (
    remember.content, remember.kind, remember.metadata, remember.stream,
    -- What `real` cannot hold is as far out of range as 2: the trigger says so.
    greatest(-1, least(remember.importance, 2)), remember.occurred_at, remember.expires_at
  )
  returning m.id into v_id;
  if idempotency_key is not null then
    perform memoriesdb._keep_under(idempotency_key, array[v_id]);
  end if;
  return v_id;
end;
$function$;

alter function memoriesdb.remember(
  text, text, jsonb, text, double precision, timestamptz, timestamptz, text
) owner to memoriesdb_definer;
revoke all on function memoriesdb.remember(
  text, text, jsonb, text, double precision, timestamptz, timestamptz, text
) from public;
grant execute on function memoriesdb.remember(
  text, text, jsonb, text, double precision, timestamptz, timestamptz, text
) to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb.remember(
  text, text, jsonb, text, double precision, timestamptz, timestamptz, text
) is
'Keep a memory of the user of this transaction; returns its id. Found by its words at commit, '
'by its meaning when a worker has embedded it. importance: 0 to 1; occurred_at: when it was '
'true; expires_at: from then on it is kept and not recalled. idempotency_key: a retry with the '
'same key keeps nothing and returns the same id, for settings.idempotency_days. Raises MD001, '
'MD004, MD101 to MD106, MD110, MD112.';
