-- How far a build is, as its server process reports it; no row while it has not begun, or is done.
select
  p.phase,
  case p.blocks_total when 0 then 0 else p.blocks_done::float8 / p.blocks_total end as part,
  p.tuples_done as rows_done
from pg_catalog.pg_stat_progress_create_index as p
where p.pid = %(pid)s::integer;
