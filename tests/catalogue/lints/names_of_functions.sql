-- Lower case; functions of triggers, and nothing else, start with tg_.
select format('function %s', f.oid::regprocedure)
from pg_proc as f
where f.pronamespace = 'memoriesdb'::regnamespace
  and (f.proname !~ '^_?[a-z][a-z0-9_]*$' or (f.prorettype = 'trigger'::regtype) <> (f.proname ~ '^tg_'))
