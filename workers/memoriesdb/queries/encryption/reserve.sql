-- Ids for memories that are about to be encrypted, each with the data key in use, if there is one.
select r.memory_id, k.key_id, k.wrapped_key, k.provider, k.provider_key, k.retired_at
from memoriesdb.reserve_memory_ids(count => %(count)s::integer) as r (memory_id)
left join memoriesdb.owner_keys as k
  on k.owner_id = (select memoriesdb.current_user_id()) and k.retired_at is null;
