-- Tables without row-level security, without FORCE, or without a policy.
select pg_catalog.format(
  '%s: %s', c.relname,
  case
    when not c.relrowsecurity then 'row-level security is off'
    when not c.relforcerowsecurity then 'not forced for the owner'
    else 'no policy'
  end
) as detail
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
where n.nspname = 'memoriesdb' and c.relkind in ('r', 'p')
  and not (
    c.relrowsecurity and c.relforcerowsecurity
    and exists(select from pg_catalog.pg_policy as p where p.polrelid = c.oid)
  )
order by c.relname;
