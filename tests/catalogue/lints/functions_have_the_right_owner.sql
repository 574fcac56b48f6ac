-- Functions belong to memoriesdb_definer, who owns no table; two need the owner of what they make or refresh. What
-- belongs to a superuser lives in memoriesdb_system.
select format('function %s of %s', f.oid::regprocedure, f.proowner::regrole)
from pg_proc as f
inner join pg_roles as o on f.proowner = o.oid
where (
  f.pronamespace = 'memoriesdb'::regnamespace
  and o.rolname <> case
    when f.proname in ('_refresh_graph_slice', 'maintain_audit_partitions') then 'memoriesdb_owner'
    else 'memoriesdb_definer'
  end
) or (f.pronamespace = 'memoriesdb_system'::regnamespace and not o.rolsuper)
