-- Keys are read by the functions that sign, hashes of tokens by the definer's; nobody else, the owner of the table
-- included, has a right on them. A superuser has every right, and his backups hold both.
select format('%s may read %s.%s', r.rolname, a.attrelid::regclass, a.attname)
from pg_roles as r
cross join pg_attribute as a
where r.rolname ~ '^memoriesdb_' and a.attnum > 0 and not a.attisdropped
  and (
    (a.attrelid = 'memoriesdb.signing_keys'::regclass and r.rolname <> 'memoriesdb_signer')
    or (
      a.attrelid = 'memoriesdb.api_tokens'::regclass and a.attname = 'token_hash'
      and r.rolname not in ('memoriesdb_definer', 'memoriesdb_owner')
    )
  )
  and has_column_privilege(r.oid, a.attrelid, a.attnum, 'SELECT, INSERT, UPDATE, REFERENCES')
union all
select format('%s calls %s', coalesce(nullif(x.grantee, 0)::regrole::text, 'PUBLIC'), f.oid::regprocedure)
from pg_proc as f
cross join lateral aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) as x
where f.pronamespace = 'memoriesdb'::regnamespace
  and f.proname in (
    '_sign', '_new_signing_key', '_session_signature', '_begin_session', '_who', '_require_admin'
  )
  and x.grantee not in (f.proowner, 'memoriesdb_definer'::regrole)
  and (f.proname, x.grantee) <> ('_who', 'memoriesdb_owner'::regrole)
union all
select format('%s reads keys and is not the signer''s', f.oid::regprocedure)
from pg_proc as f
where f.pronamespace = 'memoriesdb'::regnamespace and f.prosrc ~ 'signing_keys'
  and f.proowner <> 'memoriesdb_signer'::regrole
