-- What is linked to one of one's own memories, nearest and strongest first.
select neighbor_id, distance, via_id, relation_kind as relation, direction, weight, kind, content
from memoriesdb.neighbors(
  memory_id => %(memory_id)s::uuid,
  depth => %(depth)s::integer,
  relation => %(relation)s::text,
  max_nodes => %(max_nodes)s::integer
);
