create or replace function memoriesdb._lock_limited_models()
returns void
language plpgsql
volatile
parallel unsafe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
begin
  -- In one order, so that no two claims wait for each other. Writers, who reference the model, do
  -- not wait.
  perform from memoriesdb.embedding_models as o
  where o.max_concurrency is not null
  order by o.id
  for no key update;
  if found and current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'a claim needs read committed' using
      errcode = 'MD110',
      detail = 'In an older snapshot, batches that others hold are not seen.',
      hint = 'Claim outside of a transaction.';
  end if;
end;
$function$;

alter function memoriesdb._lock_limited_models() owner to memoriesdb_definer;
revoke all on function memoriesdb._lock_limited_models() from public;
comment on function memoriesdb._lock_limited_models() is
'Let no other claim of a model with max_concurrency go on before this transaction ends. Raises '
'MD110 where the transaction is not READ COMMITTED.';
