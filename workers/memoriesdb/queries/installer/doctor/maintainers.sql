-- Logins of the one shape in which a member of the tables' owner is accepted: they build vector
-- indexes.
with maintainer as (
  -- A login that is nothing until it says SET ROLE, has no attribute and no other role, and whose
  -- own members there are none.
  select r.oid
  from pg_catalog.pg_roles as r
  inner join pg_catalog.pg_auth_members as m on m.member = r.oid
  inner join pg_catalog.pg_roles as g on m.roleid = g.oid
  cross join lateral pg_catalog.to_jsonb(m) as j (row)
  where r.rolcanlogin and not r.rolinherit
    and not (r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolcreatedb or r.rolreplication)
    and not exists(select from pg_catalog.pg_auth_members as o where o.roleid = r.oid)
  group by r.oid
  having
    pg_catalog.bool_and(
      not m.admin_option
      and g.rolname in ('memoriesdb_owner', 'memoriesdb_maintainer')
      and (
        g.rolname = 'memoriesdb_maintainer'
        or not coalesce((j.row ->> 'inherit_option')::boolean, false)
      )
    )
    and pg_catalog.count(distinct g.oid) = 2
)

select r.rolname::text as detail
from maintainer as n
inner join pg_catalog.pg_roles as r on n.oid = r.oid
order by r.rolname;
