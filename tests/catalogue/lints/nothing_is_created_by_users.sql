-- No CREATE in any schema, no TEMP, for anybody who connects.
select format('%s in schema %s', r.rolname, n.nspname)
from pg_roles as r
cross join pg_namespace as n
where r.rolname ~ '^memoriesdb_' and r.rolname <> 'memoriesdb_owner' and n.nspname !~ '^pg_(toast|temp)'
  and has_schema_privilege(r.oid, n.oid, 'CREATE')
union all
select format('%s on the database', r.rolname)
from pg_roles as r
where r.rolname ~ '^memoriesdb_' and r.rolname <> 'memoriesdb_owner'
  and has_database_privilege(r.oid, current_database(), 'CREATE, TEMP')
