-- <table>_<command>_<who>: a word, or admin_user for a user with the role admin beside the login of an admin.
select format('policy %s on %s for %s', p.policyname, p.tablename, p.cmd)
from pg_policies as p
where p.schemaname = 'memoriesdb'
  and p.policyname !~ ('^' || p.tablename || '_' || lower(p.cmd) || '_([a-z]+|admin_user)$')
