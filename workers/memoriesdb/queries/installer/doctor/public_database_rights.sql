-- What everybody may do with this database: the logins of other databases in the cluster, too.
select a.privilege_type as detail
from pg_catalog.pg_database as d
cross join lateral pg_catalog.aclexplode(
  coalesce(d.datacl, pg_catalog.acldefault('d', d.datdba))
) as a
where d.datname = pg_catalog.current_database() and a.grantee = 0
order by a.privilege_type;
