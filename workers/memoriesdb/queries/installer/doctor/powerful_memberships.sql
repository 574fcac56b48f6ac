-- Roles that this login is a member of, directly or not, and that no login may be a member of; but
-- for the tables' owner, of which a maintainer is one: see maintainers.
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
from pg_catalog.pg_roles as r
where r.rolname <> session_user
  and pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER')
  and (
    r.rolsuper or r.rolbypassrls or r.rolcreaterole
    or r.rolname in (
      'memoriesdb_owner', 'memoriesdb_definer', 'memoriesdb_signer', 'memoriesdb_eraser',
      'memoriesdb_pgbouncer', 'pg_read_all_data', 'pg_write_all_data', 'pg_read_server_files',
      'pg_write_server_files', 'pg_execute_server_program', 'pg_signal_backend', 'pg_checkpoint',
      -- The statements of others, with the texts that are in them.
      'pg_read_all_stats', 'pg_monitor', 'pg_database_owner', 'pg_create_subscription',
      'pg_maintain'
    )
  )
and not (
  r.rolname = 'memoriesdb_owner'
  and exists(
    select from maintainer as n
    inner join pg_catalog.pg_roles as me on n.oid = me.oid
    where me.rolname = session_user
  )
)
order by r.rolname;
