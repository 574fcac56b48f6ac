-- They are reached through their table, whose policies hold.
select format('%s: %s to %s', c.oid::regclass, a.privilege_type, a.grantee::regrole)
from pg_class as c
cross join lateral aclexplode(c.relacl) as a
where c.relnamespace = 'memoriesdb'::regnamespace and c.relispartition and a.grantee <> c.relowner
