-- Settings that put statements, and the texts and tokens in them, into the server's log: of this
-- session, and the defaults of roles and databases.
with setting (name, value, place) as (
  select s.name, s.setting, ''
  from pg_catalog.pg_settings as s
  union all
  select
    pg_catalog.split_part(c.setting, '=', 1),
    pg_catalog.substr(c.setting, pg_catalog.strpos(c.setting, '=') + 1),
    pg_catalog.concat_ws(
      ' in', ' for ' || r.rolname, case when d.oid is not null then ' database ' || d.datname end
    )
  from pg_catalog.pg_db_role_setting as s
  left join pg_catalog.pg_roles as r on s.setrole = r.oid
  left join pg_catalog.pg_database as d on s.setdatabase = d.oid
  cross join lateral pg_catalog.unnest(s.setconfig) as c (setting)
  where (s.setdatabase = 0 or d.datname = pg_catalog.current_database())
    -- What the session has by its own defaults is there already.
    and s.setrole <> 0 and r.rolname <> session_user
)

select pg_catalog.format('%s = %s%s', s.name, s.value, s.place) as detail
from setting as s
where case s.name
  when 'log_statement' then s.value in ('mod', 'all')
  when 'log_min_duration_statement' then s.value <> '-1'
  when 'log_min_duration_sample' then s.value <> '-1'
  when 'log_transaction_sample_rate' then s.value <> '0'
  when 'log_min_error_statement' then s.value not in ('fatal', 'panic')
  when 'log_error_verbosity' then s.value <> 'terse'
  when 'log_parameter_max_length_on_error' then s.value <> '0'
  when 'auto_explain.log_min_duration' then s.value <> '-1'
  when 'pgaudit.log_parameter' then s.value = 'on'
  else false
end
order by detail;
