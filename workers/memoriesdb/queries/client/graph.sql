-- One's own links between memories that are not forgotten, as of the last refresh.
select
  owner_id, source_id, target_id, relation, weight, metadata, created_at, source_kind, target_kind
from memoriesdb.memory_graph
order by source_id, target_id, relation;
