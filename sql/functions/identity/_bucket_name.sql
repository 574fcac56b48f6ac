-- Everybody reads names in pg_class. Of the hash of a token, which nobody reads, one does not come
-- to its id, nor from the id to this.
create or replace function memoriesdb._bucket_name(token_hash bytea, action text)
returns name
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
  select format(
    '_limit_%s_%s',
    left(encode(sha256(convert_to('memoriesdb.bucket.v1', 'UTF8') || token_hash), 'hex'), 32),
    action
  )::name;
$function$;

alter function memoriesdb._bucket_name(bytea, text) owner to memoriesdb_definer;
revoke all on function memoriesdb._bucket_name(bytea, text) from public;
grant execute on function memoriesdb._bucket_name(bytea, text) to memoriesdb_owner;
comment on function memoriesdb._bucket_name(bytea, text) is
'Name of the sequence that keeps a limit of a token. action: writes or recalls.';
