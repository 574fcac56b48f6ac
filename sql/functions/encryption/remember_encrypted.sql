create or replace function memoriesdb.remember_encrypted(
  content text,
  kind text default 'note',
  metadata jsonb default '{}',
  stream text default null,
  importance double precision default 0.5,
  occurred_at timestamptz default now(),
  expires_at timestamptz default null,
  embedding @extschema:vector@.vector default null,
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
  -- As in remember().
  perform memoriesdb._require_scope('write'), memoriesdb._require_scope('read');
  if idempotency_key is not null then
    v_kept := memoriesdb._retried(idempotency_key, array[content]);
    if v_kept is not null then
      return v_kept[1];
    end if;
  end if;
  insert into memoriesdb.memories as m (
    content, kind, metadata, stream, importance, occurred_at, expires_at, is_encrypted
  )
  values (
    remember_encrypted.content, remember_encrypted.kind, remember_encrypted.metadata,
    remember_encrypted.stream, greatest(-1, least(remember_encrypted.importance, 2)),
    remember_encrypted.occurred_at, remember_encrypted.expires_at, true
  )
  returning m.id into v_id;
  if idempotency_key is not null then
    perform memoriesdb._keep_under(idempotency_key, array[v_id]);
  end if;
  if embedding is not null then
    perform memoriesdb.put_embedding(v_id, embedding);
  end if;
  return v_id;
end;
$function$;

alter function memoriesdb.remember_encrypted(
  text, text, jsonb, text, double precision, timestamptz, timestamptz, @extschema:vector@.vector,
  text
) owner to memoriesdb_definer;
revoke all on function memoriesdb.remember_encrypted(
  text, text, jsonb, text, double precision, timestamptz, timestamptz, @extschema:vector@.vector,
  text
) from public;
grant execute on function memoriesdb.remember_encrypted(
  text, text, jsonb, text, double precision, timestamptz, timestamptz, @extschema:vector@.vector,
  text
) to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb.remember_encrypted(
  text, text, jsonb, text, double precision, timestamptz, timestamptz, @extschema:vector@.vector,
  text
) is
'Keep a memory whose content the client has encrypted, for an id of reserve_memory_id() and '
'version 1; returns its id. Only content is encrypted: kind, metadata, stream and times stay '
'readable. embedding: as in put_embedding(), with its risk. idempotency_key: as in remember(), '
'though ciphertexts are not compared. Raises what remember() and put_embedding() raise, and '
'MD601, MD602.';
