create or replace function memoriesdb._embed_by(model_id uuid, query text)
returns @extschema:vector@.vector
language plpgsql
volatile
parallel unsafe
security definer -- reads the models' addresses and keeps the cache: no caller chooses either
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_user_id uuid := memoriesdb._require_scope('read');
  v_model memoriesdb.embedding_models;
  v_input text;
  v_hash bytea;
  v_embedding @extschema:vector@.vector;
  v_timeout double precision;
  v_began timestamptz;
  v_vain text := current_setting('memoriesdb.awaited_in_vain', true);
begin
  -- Also where somebody calls it directly: what it is given goes over the network.
  perform memoriesdb._check_recall(query, 1, null, null);
  select m.* into v_model
  from memoriesdb.embedding_models as m
  where m.id = _embed_by.model_id and m.is_enabled;
  if not found then
    return null;
  end if;
  v_input := v_model.query_prefix || query;
  v_hash := sha256(convert_to(v_input, 'UTF8'));
  -- A standby has no unlogged tables.
  if not pg_is_in_recovery() then
    select c.embedding into v_embedding
    from memoriesdb.query_embeddings as c
    where c.owner_id = v_user_id and c.model_id = v_model.id and c.query_hash = v_hash;
    if found then
      return v_embedding;
    end if;
  end if;
  v_timeout := memoriesdb._setting('embed_query_timeout_seconds')::double precision;
  begin
    -- A batch of recalls would wait as often. What another transaction has left in the session, or
    -- somebody behind the same pool, does not count.
    if split_part(v_vain, ' ', 1) = v_model.id::text
       and split_part(v_vain, ' ', 2) = extract(epoch from transaction_timestamp())::text
       and clock_timestamp() < to_timestamp(split_part(v_vain, ' ', 3)::double precision)
         + interval '10 seconds'
    then
      raise exception 'this transaction has waited for the endpoint in vain just now' using
        errcode = '38000';
    end if;
    v_began := clock_timestamp();
    v_embedding := memoriesdb._embed_text(
      v_model.provider, v_model.endpoint, v_model.model, v_input, v_model.dimensions,
      v_model.max_tokens, v_timeout
    )::@extschema:vector@.vector;
    if @extschema:vector@.vector_norm(v_embedding) = 0 then
      raise exception 'the endpoint gave a zero vector' using errcode = '38000';
    end if;
  exception
    when external_routine_exception or sqlstate 'MD501' or data_exception then
      -- Words must be found although the endpoint is away; the reason holds no text of the query.
      raise notice 'recall goes on without meaning: %',
        left(regexp_replace(sqlerrm, '^[A-Za-z_.]+: ', ''), 200) using
        errcode = 'MD502',
        hint = 'Look at the endpoint of the active model with `memoriesdb status` or `memoriesdb '
          'doctor`.';
      -- With the time of this transaction: it counts in no other.
      if extract(epoch from clock_timestamp() - v_began) > 0.9 * v_timeout then
        perform set_config(
          'memoriesdb.awaited_in_vain',
          format(
            '%s %s %s', v_model.id, extract(epoch from transaction_timestamp()),
            extract(epoch from clock_timestamp())
          ),
          true
        );
      end if;
      return null;
  end;
  if not current_setting('transaction_read_only')::boolean then
    perform memoriesdb._keep_query_embedding(v_user_id, v_model.id, v_hash, v_embedding);
  end if;
  return v_embedding;
end;
$function$;

alter function memoriesdb._embed_by(uuid, text) owner to memoriesdb_definer;
revoke all on function memoriesdb._embed_by(uuid, text) from public;
grant execute on function memoriesdb._embed_by(uuid, text) to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._embed_by(uuid, text) is
'The vector of a query by an enabled model, as embed_query() gives it: from the user''s cache, or '
'from the endpoint. Null, with a NOTICE, where that is away, or has let this transaction wait in '
'vain within 10 seconds; null where there is no such model.';
