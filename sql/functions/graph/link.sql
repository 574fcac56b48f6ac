create or replace function memoriesdb.link(
  source_id uuid,
  target_id uuid,
  relation text default 'related',
  weight double precision default 1.0,
  metadata jsonb default '{}'
)
returns void
language plpgsql
volatile
parallel unsafe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_user_id uuid := memoriesdb._require_scope('write');
  v_missing uuid;
begin
  -- Both ends are one's own: what is another's, shared or hidden, answers as what does not exist.
  select i into v_missing
  from unnest(array[link.source_id, link.target_id]) as i
  where not exists (select from memoriesdb.memories as m where m.owner_id = v_user_id and m.id = i)
  limit 1;
  if found then
    perform memoriesdb._raise_not_found(v_missing);
  end if;
  insert into memoriesdb.memory_edges as e (
    owner_id, source_id, target_id, relation, weight, metadata
  )
  values (
    v_user_id, link.source_id, link.target_id, link.relation,
    -- What `real` cannot hold is as far out of range as 2: the trigger says so.
    greatest(-1, least(link.weight, 2)), link.metadata
  )
  on conflict on constraint memory_edges_pkey do update
  set weight = excluded.weight, metadata = excluded.metadata;
end;
$function$;

alter function memoriesdb.link(uuid, uuid, text, double precision, jsonb)
owner to memoriesdb_definer;
revoke all on function memoriesdb.link(uuid, uuid, text, double precision, jsonb) from public;
grant execute on function memoriesdb.link(uuid, uuid, text, double precision, jsonb)
to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb.link(uuid, uuid, text, double precision, jsonb) is
'Link two of one''s own memories; linking them again by the same relation sets weight (0 to 1) '
'and metadata. Raises MD201 where either is not one''s own, MD203 for a loop, MD103 to MD105 '
'for bad input.';
