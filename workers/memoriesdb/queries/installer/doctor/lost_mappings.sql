-- Users whose mapped login is gone or another one: after a restore into another cluster, all.
select pg_catalog.format('%s as %s', u.db_role, u.username) as detail
from memoriesdb.users as u
where u.is_active and u.db_role is not null
  and not exists(
    select from pg_catalog.pg_roles as r
    where r.rolname = u.db_role and r.oid = u.db_role_oid
  )
order by detail;
