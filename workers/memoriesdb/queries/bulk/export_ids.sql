-- One's memories in the order of their arrival, and those that were deleted and have a history.
select k.id
from (
  select m.id, m.seq
  from memoriesdb.memories as m
  where m.owner_id = (select memoriesdb.current_user_id())
  union all
  select v.memory_id, v.seq
  from memoriesdb.memory_versions as v
  where v.owner_id = (select memoriesdb.current_user_id()) and v.operation = 'DELETE'
) as k (id, seq)
order by k.seq, k.id;
