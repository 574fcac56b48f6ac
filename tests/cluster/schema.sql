-- As much of the schema as `up` calls, made by hand: the cluster is tested apart from it.
do $do$
declare
  v_name text;
begin
  foreach v_name in array array[
    'owner', 'app', 'client', 'worker', 'maintainer', 'admin', 'auditor', 'pgbouncer'
  ] loop
    if not exists (select from pg_catalog.pg_roles where rolname = 'memoriesdb_' || v_name) then
      execute pg_catalog.format('create role %I nologin', 'memoriesdb_' || v_name);
    end if;
  end loop;
  execute pg_catalog.format(
    'revoke connect on database %I from public', pg_catalog.current_database()
  );
end;
$do$;

create schema if not exists memoriesdb_system;
create schema if not exists memoriesdb;
grant usage on schema memoriesdb_system to memoriesdb_pgbouncer;
grant usage on schema memoriesdb to memoriesdb_app, memoriesdb_worker, memoriesdb_admin;

create or replace function memoriesdb_system.pgbouncer_auth(login text)
returns table (usename text, passwd text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
  select rolname::text, rolpassword from pg_catalog.pg_authid
  where rolname = login and rolcanlogin and not rolsuper
$function$;
revoke all on function memoriesdb_system.pgbouncer_auth(text) from public;
grant execute on function memoriesdb_system.pgbouncer_auth(text) to memoriesdb_pgbouncer;

create table if not exists memoriesdb.models (
  name text primary key, endpoint text, dimensions int, login text
);
grant select, insert, update on memoriesdb.models to memoriesdb_admin;

create or replace function memoriesdb.register_embedding_model(
  name text, provider text, endpoint text, dimensions int, model text, max_tokens int,
  query_prefix text, passage_prefix text
)
returns uuid
language sql
as $function$
  insert into memoriesdb.models values ($1, $3, $4, session_user)
  on conflict (name) do update set endpoint = excluded.endpoint
  returning pg_catalog.gen_random_uuid()
$function$;

create table if not exists memoriesdb.users (id uuid primary key, username text, is_active boolean);
insert into memoriesdb.users values
('00000000-0000-7000-8000-000000000001', 'alice', true),
('00000000-0000-7000-8000-000000000002', 'gone', false),
('00000000-0000-7000-8000-000000000003', '100%`id`', true)
on conflict do nothing;

create or replace function memoriesdb.worker_metrics()
returns table (queue text, pending bigint, claimed bigint, dead bigint, oldest_seconds float8)
language sql
as $function$
  values ('embedding', 3::bigint, 1::bigint, 0::bigint, 2.5::float8)
$function$;
