-- Default privileges by which somebody gets rights on tables and functions that are yet to be made,
-- such as the next partition of the audit.
select pg_catalog.format(
  '%s on new %s of %s for %s', x.privilege_type,
  case a.defaclobjtype
    when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions' when 'T' then 'types'
    else 'schemas'
  end,
  pg_catalog.pg_get_userbyid(a.defaclrole),
  case x.grantee when 0 then 'everybody' else pg_catalog.pg_get_userbyid(x.grantee) end
) as detail
from pg_catalog.pg_default_acl as a
left join pg_catalog.pg_namespace as n on a.defaclnamespace = n.oid
cross join lateral pg_catalog.aclexplode(a.defaclacl) as x
where a.defaclobjtype in ('r', 'S', 'f')
  and x.grantee <> a.defaclrole
  -- What PUBLIC may by default is taken from it by the file of each function.
  and not (a.defaclobjtype = 'f' and x.grantee = 0)
  and (
    n.nspname in ('memoriesdb', 'memoriesdb_system')
    or a.defaclnamespace = 0 and pg_catalog.pg_get_userbyid(a.defaclrole) in (
      'memoriesdb_owner', 'memoriesdb_definer', 'memoriesdb_signer', 'memoriesdb_eraser'
    )
  )
order by detail;
