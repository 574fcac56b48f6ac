create or replace function memoriesdb.tg_memory_edges__limit_trust()
returns trigger
language plpgsql
volatile
parallel unsafe
security definer -- trust_limit is nobody's to write
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_owner_ids uuid[];
  v_target_ids uuid[];
begin
  select array_agg(n.owner_id), array_agg(n.target_id) into v_owner_ids, v_target_ids
  from new_rows as n
  where n.relation = 'derived_from';
  if v_target_ids is null then
    return null;
  end if;
  -- Whoever lowers their trust now waits, and then sees the link; whoever has done so is waited
  -- for.
  perform from memoriesdb.memories as m
  where m.owner_id = any (v_owner_ids) and m.id = any (v_target_ids)
  order by m.owner_id, m.id
  for share;
  update memoriesdb.memories as m
  set trust = least(m.trust, l.trust_limit), trust_limit = l.trust_limit
  from (
    select n.owner_id, n.source_id, min(t.trust) as trust_limit
    from new_rows as n
    join memoriesdb.memories as t on t.owner_id = n.owner_id and t.id = n.target_id
    where n.relation = 'derived_from'
    group by n.owner_id, n.source_id
  ) as l
  where m.owner_id = l.owner_id and m.id = l.source_id and m.trust_limit > l.trust_limit;
  return null;
end;
$function$;

alter function memoriesdb.tg_memory_edges__limit_trust() owner to memoriesdb_definer;
revoke all on function memoriesdb.tg_memory_edges__limit_trust() from public;
comment on function memoriesdb.tg_memory_edges__limit_trust() is
'Lowers trust_limit, and trust with it, of the source of each new edge derived_from to at most the '
'trust of its target. Removing the edge does not raise it again.';
