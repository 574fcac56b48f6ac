-- <table>_<columns>_idx, or the constraint's name.
select format('index %s on %s', x.relname, c.relname)
from pg_index as i
inner join pg_class as x on i.indexrelid = x.oid
inner join pg_class as c on i.indrelid = c.oid
where c.relnamespace = 'memoriesdb'::regnamespace and not c.relispartition
  and not exists (select from pg_constraint as k where k.conindid = i.indexrelid)
  and x.relname !~ ('^' || c.relname || '_[a-z0-9_]+_idx$')
