-- Rules of pg_hba.conf that let a login in without asking who it is.
select pg_catalog.format(
  'line %s: %s %s %s%s', h.line_number, h.type, pg_catalog.array_to_string(h.database, ','),
  pg_catalog.array_to_string(h.user_name, ','), ' ' || h.address
) as detail
from pg_catalog.pg_hba_file_rules as h
where h.auth_method = 'trust'
  and h.database && array['all', 'sameuser', 'replication', pg_catalog.current_database()::text]
order by h.line_number;
