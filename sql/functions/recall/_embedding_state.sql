create or replace function memoriesdb._embedding_state(
  embedding_text_hash bytea,
  text_hash bytea,
  model_id uuid,
  is_encrypted boolean
)
returns text
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
begin
  return case
    when text_hash = embedding_text_hash then 'ready'
    when text_hash is not null then 'stale'
    when model_id is null or is_encrypted then 'none'
    else 'pending'
  end;
end;
$function$;

alter function memoriesdb._embedding_state(bytea, bytea, uuid, boolean) owner to memoriesdb_definer;
revoke all on function memoriesdb._embedding_state(bytea, bytea, uuid, boolean) from public;
grant execute on function memoriesdb._embedding_state(
  bytea, bytea, uuid, boolean
)
to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._embedding_state(bytea, bytea, uuid, boolean) is
'Whether a memory has a vector by this model: ready, stale (of a former text), pending, or none '
'(no model, or encrypted).';
