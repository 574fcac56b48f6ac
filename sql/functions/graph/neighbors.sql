-- Breadth first, level by level, so that max_nodes bounds the work and not only the answer.
create or replace function memoriesdb.neighbors(
  memory_id uuid,
  depth integer default 1,
  relation text default null,
  max_nodes integer default 100
)
returns table (
  neighbor_id uuid,
  distance integer,
  via_id uuid,
  relation_kind text,
  direction text,
  weight real,
  kind text,
  content text
)
language plpgsql
volatile
parallel unsafe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_user_id uuid := memoriesdb._require_scope('read');
  v_seen uuid[] := array[neighbors.memory_id];
  v_level uuid[] := v_seen;
  v_weights real[] := array[1::real];
  v_found record;
begin
  if depth is null or depth not between 1 and 10 then
    raise exception 'depth is out of range' using
      errcode = 'MD108', hint = 'Give a number from 1 to 10.';
  end if;
  if max_nodes is null or max_nodes not between 1 and 10000 then
    raise exception 'max_nodes is out of range' using
      errcode = 'MD108', hint = 'Give a number from 1 to 10000.';
  end if;
  if not exists (
    select from memoriesdb.memories as m where m.owner_id = v_user_id and m.id = neighbors.memory_id
  ) then
    perform memoriesdb._raise_not_found(neighbors.memory_id);
  end if;
  for v_distance in 1 .. depth loop
    select
      array_agg(f.other_id order by f.path_weight desc, f.other_id) as ids,
      array_agg(f.path_weight order by f.path_weight desc, f.other_id) as weights,
      array_agg(f.via_id order by f.path_weight desc, f.other_id) as vias,
      array_agg(f.relation order by f.path_weight desc, f.other_id) as relations,
      array_agg(f.direction order by f.path_weight desc, f.other_id) as directions
    into v_found
    from (
      select distinct on (x.other_id) x.*
      from (
        select e.target_id as other_id, l.id as via_id, e.relation, 'out' as direction,
          l.weight * e.weight as path_weight
        from unnest(v_level, v_weights) as l (id, weight)
        join memoriesdb.memory_edges as e on e.owner_id = v_user_id and e.source_id = l.id
        where neighbors.relation is null or e.relation = neighbors.relation
        union all
        select e.source_id, l.id, e.relation, 'in', l.weight * e.weight
        from unnest(v_level, v_weights) as l (id, weight)
        join memoriesdb.memory_edges as e on e.owner_id = v_user_id and e.target_id = l.id
        where neighbors.relation is null or e.relation = neighbors.relation
      ) as x
      join memoriesdb.memories as m
        on m.owner_id = v_user_id and m.id = x.other_id and m.forgotten_at is null
        and (m.expires_at is null or m.expires_at > statement_timestamp())
      where x.other_id <> all (v_seen)
      order by x.other_id, x.path_weight desc, x.relation, x.direction
    ) as f;
    exit when v_found.ids is null;
    v_level := v_found.ids[:max_nodes - cardinality(v_seen) + 1];
    v_weights := v_found.weights[:cardinality(v_level)];
    v_seen := v_seen || v_level;
    return query
    select m.id, v_distance, f.via_id, f.relation, f.direction, f.weight, m.kind, m.content
    from unnest(v_level, v_weights, v_found.vias, v_found.relations, v_found.directions)
      with ordinality as f (id, weight, via_id, relation, direction, position)
    join memoriesdb.memories as m on m.owner_id = v_user_id and m.id = f.id
    order by f.position;
    exit when cardinality(v_seen) > max_nodes;
  end loop;
  perform memoriesdb._log_access('neighbors', 'answered', v_seen[2:], cardinality(v_seen) - 1);
end;
$function$;

alter function memoriesdb.neighbors(uuid, integer, text, integer) owner to memoriesdb_definer;
revoke all on function memoriesdb.neighbors(uuid, integer, text, integer) from public;
grant execute on function memoriesdb.neighbors(uuid, integer, text, integer)
to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb.neighbors(uuid, integer, text, integer) is
'Memories linked to one of one''s own, in both directions, up to depth steps (1 to 10), at most '
'max_nodes (1 to 10000), nearest and strongest first; forgotten and expired ones are left out. '
'weight is the product along the path, via_id the memory before. Raises MD201, MD108.';
