create or replace function memoriesdb.owner_key_uses()
returns table (
  key_id integer,
  provider text,
  provider_key text,
  created_at timestamptz,
  rewrapped_at timestamptz,
  retired_at timestamptz,
  memory_count bigint,
  version_count bigint
)
language plpgsql
stable
parallel restricted
security invoker
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_user_id uuid := memoriesdb._require_scope('read');
begin
  return query
  with memory as (
    select (memoriesdb._ciphertext_header(m.content)).key_id, count(*) as uses
    from memoriesdb.memories as m
    where m.owner_id = v_user_id and m.is_encrypted
    group by 1
  ),

  former as (
    select (memoriesdb._ciphertext_header(v.content)).key_id, count(*) as uses
    from memoriesdb.memory_versions as v
    where v.owner_id = v_user_id and v.content like 'mdbenc1:%'
    group by 1
  )

  select
    k.key_id, k.provider, k.provider_key, k.created_at, k.rewrapped_at, k.retired_at,
    coalesce(m.uses, 0), coalesce(f.uses, 0)
  from memoriesdb.owner_keys as k
  left join memory as m on m.key_id = k.key_id
  left join former as f on f.key_id = k.key_id
  where k.owner_id = v_user_id
  order by k.key_id;
end;
$function$;

alter function memoriesdb.owner_key_uses() owner to memoriesdb_definer;
revoke all on function memoriesdb.owner_key_uses() from public;
grant execute on function memoriesdb.owner_key_uses() to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb.owner_key_uses() is
'The user''s keys, and how many memories and former versions are encrypted with each: a retired '
'one of which nothing is may be dropped.';
