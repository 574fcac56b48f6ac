-- Logins that are members of the owner or of a role that owns functions, directly or not: they
-- see every row, or the key that signs. From PostgreSQL 16 on a membership may be ADMIN alone, as
-- who made the roles has it: see role_granters.
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
)

select pg_catalog.format('%s is in %s', r.rolname, b.granted) as detail
from member as b
inner join pg_catalog.pg_roles as r on b.oid = r.oid
order by detail;
