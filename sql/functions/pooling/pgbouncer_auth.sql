-- Belongs to the installing superuser, who alone reads pg_authid. Superusers, maintainers and the
-- project's own roles never come through the pool.
create or replace function memoriesdb_system.pgbouncer_auth(username text)
returns table (usename name, passwd text)
language sql
stable
parallel safe
security definer -- reads pg_authid
set search_path = pg_catalog, pg_temp
as $function$
  select
    r.rolname,
    case when r.rolvaliduntil is null or r.rolvaliduntil > clock_timestamp() then r.rolpassword end
  from pg_catalog.pg_authid as r
  where r.rolname = pgbouncer_auth.username
    and r.rolcanlogin and not r.rolsuper and not r.rolreplication and not r.rolbypassrls
    and r.rolname <> 'memoriesdb_pgbouncer'
    -- A maintainer: what may become the owner is not to be lent on.
    and not pg_catalog.pg_has_role(r.oid, 'memoriesdb_owner', 'MEMBER');
$function$;

revoke all on function memoriesdb_system.pgbouncer_auth(text) from public;
grant execute on function memoriesdb_system.pgbouncer_auth(text) to memoriesdb_pgbouncer;
comment on function memoriesdb_system.pgbouncer_auth(text) is
'The password verifier of a login for PgBouncer''s auth_query: null after VALID UNTIL, no row '
'for superusers, maintainers and roles with REPLICATION or BYPASSRLS.';
