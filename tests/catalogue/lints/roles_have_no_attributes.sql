-- Groups nobody logs in as; nobody is a member of the owner or of the definer.
select format('role %s', r.rolname)
from pg_roles as r
where r.rolname in (
  'memoriesdb_owner', 'memoriesdb_definer', 'memoriesdb_signer', 'memoriesdb_eraser', 'memoriesdb_app', 'memoriesdb_client', 'memoriesdb_worker',
  'memoriesdb_maintainer', 'memoriesdb_admin', 'memoriesdb_auditor'
)
  and (
    r.rolcanlogin or r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolcreatedb or r.rolreplication
  )
union all
select format('%s is a member of %s', m.member::regrole, m.roleid::regrole)
from pg_auth_members as m
where m.roleid::regrole::text in (
    'memoriesdb_owner', 'memoriesdb_definer', 'memoriesdb_signer', 'memoriesdb_eraser'
  )
  or m.member::regrole::text ~ '^memoriesdb_(owner|definer|signer|eraser|app|client|worker|maintainer|admin|auditor)$'
