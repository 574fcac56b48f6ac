-- The groups of MemoriesDB that this login is a member of.
select r.rolname::text as detail
from pg_catalog.pg_roles as r
where r.rolname in (
  'memoriesdb_app', 'memoriesdb_client', 'memoriesdb_worker', 'memoriesdb_maintainer',
  'memoriesdb_admin', 'memoriesdb_auditor'
)
and pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER')
order by r.rolname;
