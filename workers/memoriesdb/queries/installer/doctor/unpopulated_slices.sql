-- Slices of memory_graph without data, as a restore leaves them: reading the view fails.
select m.matviewname::text as detail
from pg_catalog.pg_matviews as m
where m.schemaname = 'memoriesdb' and not m.ispopulated
order by m.matviewname;
