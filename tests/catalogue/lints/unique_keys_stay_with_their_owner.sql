-- Nothing is unique across owners except ids and names: another unique key would tell what others have.
select format('%s on %s', i.indexrelid::regclass, i.indrelid::regclass)
from pg_index as i
inner join pg_class as c on i.indrelid = c.oid
cross join lateral (
  select array_agg(a.attname order by k.position) as names
  from unnest(i.indkey) with ordinality as k (attnum, position)
  inner join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = k.attnum
) as x
where c.relnamespace = 'memoriesdb'::regnamespace and i.indisunique and x.names[1] <> 'owner_id'
  and x.names not in ('{id}', '{audit_id}', '{access_id}', '{job_id}')
  and (c.relname, x.names::text) not in (
    ('users', '{username}'), ('users', '{db_role}'), ('embedding_models', '{name}'), ('embedding_models', '{is_active}'),
    ('settings', '{key}'), ('worker_heartbeats', '{worker,duty}'), ('api_token_uses', '{token_id}'),
    ('service_assignments', '{service_id,user_id}'), ('signing_keys', '{purpose}'), ('ledger_blocks', '{block_no}'),
    ('ledger_leaves', '{block_no}'), ('ledger_archives', '{partition_no}'), ('ledger_state', '{is_only_row}'),
    ('embedding_batches', '{model_id,lease_token}')
  )
