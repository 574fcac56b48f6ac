-- Versions with holes that matter here: row-level security by the plan of another role
-- (CVE-2024-10976), and reading foreign memory while an HNSW index is built (CVE-2026-3172).
select pg_catalog.format(
  'PostgreSQL %s: CVE-2024-10976', pg_catalog.current_setting('server_version')
) as detail
from (select pg_catalog.current_setting('server_version_num')::integer as version) as v
where (v.version >= 150000 and v.version < 150009)
  or (v.version >= 160000 and v.version < 160005)
  or (v.version >= 170000 and v.version < 170001)
union all
select pg_catalog.format('pgvector %s with HNSW indexes: CVE-2026-3172', e.extversion)
from pg_catalog.pg_extension as e
where e.extname = 'vector'
  and (pg_catalog.regexp_match(e.extversion, '^(\d+)\.(\d+)\.?(\d*)'))[1:2]::integer[] <= '{0,8}'
  and e.extversion !~ '^0\.8\.([2-9]|\d\d)'
  and exists(
    select from pg_catalog.pg_class as c
    inner join pg_catalog.pg_am as a on c.relam = a.oid
    where a.amname = 'hnsw'
  );
