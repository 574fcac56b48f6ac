-- Functions with their comments, and who may call them besides their owner.
select
  n.nspname as schema,
  p.proname as name,
  pg_catalog.pg_get_function_identity_arguments(p.oid) as identity_arguments,
  pg_catalog.pg_get_function_arguments(p.oid) as arguments,
  pg_catalog.pg_get_function_result(p.oid) as result,
  p.prorettype = 'pg_catalog.trigger'::pg_catalog.regtype as is_trigger,
  p.prosecdef as is_definer,
  l.lanname as language,
  pg_catalog.pg_get_userbyid(p.proowner) as owner,
  pg_catalog.obj_description(p.oid, 'pg_proc') as comment,
  array(
    select g.rolname::text
    from pg_catalog.aclexplode(p.proacl) as x
    inner join pg_catalog.pg_roles as g on x.grantee = g.oid
    where g.rolname like 'memoriesdb\_%' and x.grantee <> p.proowner
    order by g.rolname
  ) as callers
from pg_catalog.pg_proc as p
inner join pg_catalog.pg_namespace as n on p.pronamespace = n.oid
inner join pg_catalog.pg_language as l on p.prolang = l.oid
where n.nspname in ('memoriesdb', 'memoriesdb_system')
order by n.nspname, p.proname, 3
