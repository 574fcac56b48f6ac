-- All data keys of the user of this transaction, wrapped.
select k.key_id, k.wrapped_key, k.provider, k.provider_key, k.retired_at
from memoriesdb.owner_keys as k
where k.owner_id = (select memoriesdb.current_user_id())
order by k.key_id;
