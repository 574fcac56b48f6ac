-- All that was derived from them is found first and lowered by one UPDATE, so that a long chain
-- does not nest triggers; that UPDATE's own trigger then finds only what was linked meanwhile. It
-- ends on cycles too: values only fall, and each comes from the finitely many that were there.
-- Volatile, so that it sees links that were committed while the UPDATE waited for its rows.
create or replace function memoriesdb.tg_memories__limit_trust()
returns trigger
language plpgsql
volatile
parallel unsafe
security definer -- a grantee who lowers a memory's trust does not see what was derived from it
set search_path = pg_catalog, pg_temp
as $function$
begin
  if not exists (
    select from new_rows as n join old_rows as o on o.id = n.id where n.trust < o.trust
  ) then
    return null;
  end if;
  with recursive lowered as (
    select n.owner_id, n.id, n.trust, null::real as trust_limit
    from new_rows as n
    join old_rows as o on o.id = n.id
    where n.trust < o.trust
    union
    select m.owner_id, m.id, least(m.trust, l.trust), l.trust
    from lowered as l
    join memoriesdb.memory_edges as e
      on e.owner_id = l.owner_id and e.target_id = l.id and e.relation = 'derived_from'
    join memoriesdb.memories as m
      on m.owner_id = e.owner_id and m.id = e.source_id and m.trust_limit > l.trust
  )

  update memoriesdb.memories as m
  set trust = least(m.trust, l.trust_limit), trust_limit = l.trust_limit
  from (
    select x.owner_id, x.id, min(x.trust_limit) as trust_limit
    from lowered as x
    group by x.owner_id, x.id
  ) as l
  where m.owner_id = l.owner_id and m.id = l.id and m.trust_limit > l.trust_limit;
  return null;
end;
$function$;

alter function memoriesdb.tg_memories__limit_trust() owner to memoriesdb_definer;
revoke all on function memoriesdb.tg_memories__limit_trust() from public;
comment on function memoriesdb.tg_memories__limit_trust() is
'Where the trust of memories was lowered, lowers trust_limit, and trust with it, of what was '
'derived from them (edges with the relation derived_from), over any number of steps.';
