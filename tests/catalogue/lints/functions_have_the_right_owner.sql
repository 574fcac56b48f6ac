-- Functions belong to memoriesdb_definer, who owns no table; some need the owner of what they make or refresh, those
-- that sign a role that reads the keys and nothing else, and those that erase and prune a role that may remove from logs. What belongs to a superuser lives in memoriesdb_system.
select format('function %s of %s', f.oid::regprocedure, f.proowner::regrole)
from pg_proc as f
inner join pg_roles as o on f.proowner = o.oid
where (
  f.pronamespace = 'memoriesdb'::regnamespace
  and o.rolname <> case
    when f.proname in ('_refresh_graph_slice', 'maintain_audit_partitions', 'detach_audit_partition', '_limit_tokens', '_spend') then 'memoriesdb_owner'
    when f.proname in ('erasure_check', '_erasure_probes') then 'memoriesdb_owner'
    when f.proname in ('_sign', '_new_signing_key', '_session_signature') then 'memoriesdb_signer'
    when f.proname in (
      'prune_access_log', '_audit_ids_about', '_erasure_facts', '_erase_payloads', '_erase_memories',
      '_erase_rows_of_user', '_traces_elsewhere'
    ) then 'memoriesdb_eraser'
    else 'memoriesdb_definer'
  end
) or (f.pronamespace = 'memoriesdb_system'::regnamespace and not o.rolsuper)
