-- One's data keys as an export has them: wrapped, so of no use without the wrapping key.
select pg_catalog.json_build_object(
  'key_id', k.key_id, 'provider', k.provider, 'provider_key', k.provider_key,
  'wrapped_key', pg_catalog.encode(k.wrapped_key, 'hex')
)
from memoriesdb.owner_keys as k
where k.owner_id = (select memoriesdb.current_user_id())
order by k.key_id;
