-- Link memories as an export has them linked; gives how many links are new.
with kept as (
  insert into memoriesdb.memory_edges as e (
    owner_id, source_id, target_id, relation, weight, metadata
  )
  select
    (select memoriesdb.current_user_id()), g.source_id, g.target_id, s.relation, s.weight,
    s.metadata
  from unnest(
    %(source_ids)s::uuid[], %(target_ids)s::uuid[], %(edges)s::jsonb[]
  ) with ordinality as g (source_id, target_id, edge, place)
  cross join lateral jsonb_to_record(g.edge) as s (relation text, weight real, metadata jsonb)
  order by g.place
  on conflict on constraint memory_edges_pkey do nothing
  returning e.source_id
)

select count(*) from kept;
