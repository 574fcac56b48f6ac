create or replace function memoriesdb._forget_batches()
returns void
language plpgsql
volatile
parallel unsafe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_at timestamptz := clock_timestamp();
begin
  delete from memoriesdb.embedding_batches as b
  where (b.model_id, b.lease_token) in (
    select f.model_id, f.lease_token
    from memoriesdb.embedding_batches as f
    where f.ends_at < v_at and f.claimed_at < v_at - interval '1 minute'
      -- The newest one says how far the line has come.
      and exists (
        select from memoriesdb.embedding_batches as n
        where n.model_id = f.model_id and n.lease_token > f.lease_token
          and n.claimed_at < v_at - interval '1 second'
      )
    for update skip locked
  );
  delete from memoriesdb.embedding_batches as b
  where not exists (select from memoriesdb.embedding_models as o where o.id = b.model_id);
end;
$function$;

alter function memoriesdb._forget_batches() owner to memoriesdb_definer;
revoke all on function memoriesdb._forget_batches() from public;
comment on function memoriesdb._forget_batches() is
'Remove batches that ended more than a minute ago, but the newest of each model.';
