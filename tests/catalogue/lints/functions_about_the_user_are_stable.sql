-- An immutable helper is folded into a generic plan, which then serves one user's rows to the next. (A volatile
-- one would be asked for each row; parallel workers do not know a signed session.)
select format('function %s', f.oid::regprocedure)
from pg_proc as f
where f.pronamespace = 'memoriesdb'::regnamespace
  and (
    (f.provolatile = 'i' and f.prosrc ~ 'current_user_id|current_setting|session_user|_user_with_scope|\m_who\M|_require_')
    or (f.proparallel = 's' and f.prosrc ~ 'current_user_id|_user_with_scope|\m_who\M|_require_')
    or (
      (f.provolatile <> 's' or f.proparallel <> 'r') and f.proname !~ '^_gate_'
      and exists (
        select from pg_depend as d
        where d.classid = 'pg_policy'::regclass and d.refclassid = 'pg_proc'::regclass and d.refobjid = f.oid
      )
    )
  )
