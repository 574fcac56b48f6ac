-- Defaults of roles and databases that switch triggers or policies off or change the role, and who
-- was granted the parameter that does.
select pg_catalog.format(
  '%s for %s', c.setting, pg_catalog.concat_ws(
    ' in ', nullif(pg_catalog.pg_get_userbyid(s.setrole)::text, 'unknown (OID=0)'),
    'database ' || d.datname
  )
) as detail
from pg_catalog.pg_db_role_setting as s
left join pg_catalog.pg_database as d on s.setdatabase = d.oid
cross join lateral pg_catalog.unnest(s.setconfig) as c (setting)
where (s.setdatabase = 0 or d.datname = pg_catalog.current_database())
  and (
    c.setting like 'role=%' and c.setting <> 'role=none'
    or c.setting in ('session_replication_role=replica', 'row_security=off')
  )
union all
select pg_catalog.format(
  'session_replication_role may be set by %s',
  case x.grantee when 0 then 'everybody' else pg_catalog.pg_get_userbyid(x.grantee) end
)
from pg_catalog.pg_parameter_acl as a
cross join lateral pg_catalog.aclexplode(a.paracl) as x
left join pg_catalog.pg_roles as r on x.grantee = r.oid
where a.parname = 'session_replication_role' and r.rolsuper is not true
order by detail;
