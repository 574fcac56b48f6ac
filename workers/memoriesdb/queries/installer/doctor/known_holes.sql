-- Versions with holes that matter here: CVE-2024-10976 gives rows by the policies of another role,
-- CVE-2025-8713 tells hidden values of partitions from their statistics, CVE-2026-2005 (pgcrypto) and
-- CVE-2026-6473 let whoever sends SQL run code in the server, CVE-2026-3172 reads foreign memory
-- while several processes build an HNSW index, which the vindexing worker never lets them do.
with hole (cve, fixed) as (
  values
  ('CVE-2024-10976', array[150009, 160005, 170001]),
  ('CVE-2025-8713', array[150014, 160010, 170006]),
  ('CVE-2026-2005', array[150016, 160012, 170008, 180002]),
  ('CVE-2026-6473', array[150018, 160014, 170010, 180004])
)

select pg_catalog.format(
  'PostgreSQL %s: %s', pg_catalog.current_setting('server_version'),
  pg_catalog.string_agg(h.cve, ', ' order by h.cve)
) as detail
from hole as h
cross join lateral pg_catalog.unnest(h.fixed) as f (version)
cross join (
  select pg_catalog.current_setting('server_version_num')::integer as version
) as v
where v.version < f.version and v.version / 10000 = f.version / 10000
having pg_catalog.count(*) > 0
union all
select pg_catalog.format('pgvector %s with HNSW indexes: CVE-2026-3172', e.extversion)
from pg_catalog.pg_extension as e
where e.extname = 'vector'
  and (pg_catalog.regexp_match(e.extversion, '^(\d+)\.(\d+)\.?(\d*)'))[1:2]::integer[] <= '{0,8}'
  and e.extversion !~ '^0\.8\.([2-9]|\d\d)'
  and exists(
    select from pg_catalog.pg_class as c
    inner join pg_catalog.pg_am as a on c.relam = a.oid
    where a.amname = 'hnsw' and c.relname !~ '^memory_embeddings_nearest_[0-9]+_idx$'
  );
