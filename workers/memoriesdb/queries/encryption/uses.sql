-- The data keys of the user of this transaction, and how much is encrypted with each.
select
  key_id, provider, provider_key, created_at, rewrapped_at, retired_at, memory_count, version_count
from memoriesdb.owner_key_uses();
