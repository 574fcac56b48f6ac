-- All legal holds, oldest first.
select
  h.id, h.owner_id, u.username as owner, h.memory_id, h.reason, h.placed_by,
  h.placed_by_login::text as placed_by_login, h.placed_at
from memoriesdb.memory_holds as h
left join memoriesdb.users as u on h.owner_id = u.id
order by h.placed_at;
