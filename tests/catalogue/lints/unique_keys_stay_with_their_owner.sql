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
  and x.names not in (
    '{id}', '{audit_id}', '{access_id}', '{job_id}', '{username}', '{db_role}', '{name}', '{key}',
    '{worker,duty}', '{is_active}'
  )
