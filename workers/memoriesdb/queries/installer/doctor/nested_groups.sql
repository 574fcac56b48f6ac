-- Groups that are members of another role: all their logins have what that role has.
select pg_catalog.format('%s is in %s', m.rolname, g.rolname) as detail
from pg_catalog.pg_auth_members as a
inner join pg_catalog.pg_roles as m on a.member = m.oid
inner join pg_catalog.pg_roles as g on a.roleid = g.oid
where m.rolname in (
  'memoriesdb_owner', 'memoriesdb_definer', 'memoriesdb_signer', 'memoriesdb_eraser',
  'memoriesdb_app', 'memoriesdb_client', 'memoriesdb_worker', 'memoriesdb_maintainer',
  'memoriesdb_admin', 'memoriesdb_auditor', 'memoriesdb_pgbouncer'
)
order by detail;
