-- Logins that are members of the owner or of a role that owns functions, directly or not: they
-- see every row, or the key that signs. From PostgreSQL 16 on a membership may be ADMIN alone, as
-- who made the roles has it: see role_granters. Not those of the one shape that builds vector
-- indexes: see maintainers.
with recursive membership as (
  select m.roleid, m.member
  from pg_catalog.pg_auth_members as m
  cross join lateral pg_catalog.to_jsonb(m) as j (row)
  where coalesce((j.row ->> 'inherit_option')::boolean or (j.row ->> 'set_option')::boolean, true)
),

member as (
  select m.member as oid, r.rolname as granted
  from membership as m
  inner join pg_catalog.pg_roles as r on m.roleid = r.oid
  where r.rolname in (
    'memoriesdb_owner', 'memoriesdb_definer', 'memoriesdb_signer', 'memoriesdb_eraser'
  )
  union
  select m.member, b.granted
  from member as b
  inner join membership as m on b.oid = m.roleid
),

maintainer as (
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

select pg_catalog.format('%s is in %s', r.rolname, b.granted) as detail
from member as b
inner join pg_catalog.pg_roles as r on b.oid = r.oid
where b.oid not in (select n.oid from maintainer as n)
order by detail;
