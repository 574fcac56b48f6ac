-- One of the columns that a policy compares leads an index. Holds are few, and an index would tell who is held.
select format('policy %s on %s', p.polname, p.polrelid::regclass)
from pg_policy as p
inner join pg_class as c on p.polrelid = c.oid
where c.relnamespace = 'memoriesdb'::regnamespace and c.relname <> 'memory_holds'
  and exists (
    select from pg_depend as d
    where d.classid = 'pg_policy'::regclass and d.objid = p.oid
      and d.refobjid = p.polrelid and d.refobjsubid > 0
  )
  and not exists (
    select from pg_depend as d
    inner join pg_index as i on i.indrelid = p.polrelid and i.indkey[0] = d.refobjsubid
    where d.classid = 'pg_policy'::regclass and d.objid = p.oid
      and d.refobjid = p.polrelid and d.refobjsubid > 0 and i.indisvalid and i.indpred is null
  )
