-- Helpers are called as (select f()), so once a query, and nothing else is called or read, but for the aliases of
-- built-in functions that a gate is made of.
select format('policy %s: %s', p.policyname, e.expression)
from pg_policies as p
cross join lateral (values (p.qual), (p.with_check)) as e (expression)
where p.schemaname = 'memoriesdb'
  and regexp_replace(
    e.expression, '\( ?SELECT memoriesdb\.\w+\([^()]*\)( AS \w+)?\)|memoriesdb\._gate_(equal|position)\(', '', 'g'
  ) ~* '[a-z_0-9"]\(|\mfrom\M|\mselect\M|\mcurrent_|\msession_user'
