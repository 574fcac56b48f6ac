-- Roles that are no superuser and can make themselves the owner: up to PostgreSQL 15 whoever has
-- CREATEROLE, and on any version whoever has ADMIN on it.
select r.rolname::text as detail
from pg_catalog.pg_roles as r
where not r.rolsuper and (
  (r.rolcreaterole and pg_catalog.current_setting('server_version_num')::integer < 160000)
  or exists(
    select from pg_catalog.pg_auth_members as m
    inner join pg_catalog.pg_roles as g on m.roleid = g.oid
    where g.rolname in (
      'memoriesdb_owner', 'memoriesdb_definer', 'memoriesdb_signer', 'memoriesdb_eraser'
    )
      and m.admin_option and m.member = r.oid
  )
)
order by r.rolname;
