-- Roles and databases that begin each session as some user: whoever gets such a session is him.
select pg_catalog.format(
  '%s%s',
  case s.setrole when 0 then '' else 'role ' || pg_catalog.pg_get_userbyid(s.setrole) || ' ' end,
  case s.setdatabase when 0 then '' else 'database ' || d.datname end
) as detail
from pg_catalog.pg_db_role_setting as s
left join pg_catalog.pg_database as d on s.setdatabase = d.oid
where exists(
  select from pg_catalog.unnest(s.setconfig) as c (setting)
  where c.setting like 'app.current_user=_%' or c.setting like 'app.session=_%'
)
order by detail;
