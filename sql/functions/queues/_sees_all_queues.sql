create or replace function memoriesdb._sees_all_queues()
returns boolean
language sql
stable
parallel restricted
security invoker
set search_path = pg_catalog, pg_temp
as $function$
  select pg_has_role(session_user, 'memoriesdb_admin', 'MEMBER')
    or pg_has_role(session_user, 'memoriesdb_auditor', 'MEMBER')
    or pg_has_role(session_user, 'memoriesdb_worker', 'MEMBER');
$function$;

alter function memoriesdb._sees_all_queues() owner to memoriesdb_definer;
revoke all on function memoriesdb._sees_all_queues() from public;
grant execute on function memoriesdb._sees_all_queues()
to memoriesdb_app, memoriesdb_client, memoriesdb_worker, memoriesdb_admin, memoriesdb_auditor;
comment on function memoriesdb._sees_all_queues() is
'Whether this login sees the jobs of all owners in queue_status: admins, auditors and workers '
'do.';
