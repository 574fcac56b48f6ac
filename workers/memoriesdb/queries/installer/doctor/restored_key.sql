-- The key that signs sessions, where it is older than this cluster: it came with a backup, and so
-- is in the backup. The first half of the system identifier is when the cluster was made.
select pg_catalog.format('key %s of %s', k.id, pg_catalog.date_trunc('second', k.created_at))
  as detail
from memoriesdb.signing_keys as k
cross join pg_catalog.pg_control_system() as c
where k.purpose = 'session' and k.retired_at is null
  and k.created_at < pg_catalog.to_timestamp((c.system_identifier >> 32)::double precision);
