-- Not by an advisory lock, which pg_locks would show to everybody together with a hash of the
-- query.
create or replace function memoriesdb._keep_query_embedding(
  owner_id uuid, model_id uuid, query_hash bytea, embedding @extschema:vector@.vector
)
returns void
language plpgsql
volatile
parallel unsafe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
set lock_timeout = '1ms' -- another transaction of this user keeps the same query: not worth a wait
as $function$
begin
  insert into memoriesdb.query_embeddings (owner_id, model_id, query_hash, embedding)
  values (
    _keep_query_embedding.owner_id, _keep_query_embedding.model_id,
    _keep_query_embedding.query_hash, _keep_query_embedding.embedding
  )
  on conflict on constraint query_embeddings_pkey do nothing;
  -- Bounded, by forgetting this user's oldest.
  delete from memoriesdb.query_embeddings as c
  where c.owner_id = _keep_query_embedding.owner_id and c.ctid in (
    select d.ctid from memoriesdb.query_embeddings as d
    where d.owner_id = _keep_query_embedding.owner_id
    order by d.created_at desc
    offset memoriesdb._setting('query_cache_size')::integer
    for update skip locked
  );
exception
  -- Or the model was dropped meanwhile; or in a snapshot that is older than what another
  -- transaction of this user has kept, that cannot be seen.
  when lock_not_available or foreign_key_violation or serialization_failure then
    return;
end;
$function$;

alter function memoriesdb._keep_query_embedding(uuid, uuid, bytea, @extschema:vector@.vector)
owner to memoriesdb_definer;
revoke all on function memoriesdb._keep_query_embedding(
  uuid, uuid, bytea, @extschema:vector@.vector
) from public;
comment on function memoriesdb._keep_query_embedding(
  uuid, uuid, bytea, @extschema:vector@.vector
) is
'Keep the vector of a query for this user and forget his oldest beyond '
'settings.query_cache_size; nothing is kept where that would mean waiting, the model is gone, or '
'another transaction has kept the same beyond the snapshot of this one.';
