-- Roles of MemoriesDB that are missing or have attributes that they must not have.
select pg_catalog.format(
  '%s %s', expected.name, case when r.oid is null then 'is missing' else 'has them' end
) as detail
from pg_catalog.unnest(array[
  'memoriesdb_owner', 'memoriesdb_definer', 'memoriesdb_signer', 'memoriesdb_eraser',
  'memoriesdb_app', 'memoriesdb_client', 'memoriesdb_worker', 'memoriesdb_maintainer',
  'memoriesdb_admin', 'memoriesdb_auditor', 'memoriesdb_pgbouncer'
]) as expected (name)
left join pg_catalog.pg_roles as r on expected.name = r.rolname
where r.oid is null
  or r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolcreatedb or r.rolreplication
  or (r.rolcanlogin and r.rolname <> 'memoriesdb_pgbouncer')
order by detail;
