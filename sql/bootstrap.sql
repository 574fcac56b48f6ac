-- What must be there before any object: roles, extensions, schemas and the installer's own tables.
-- Runs as the installing login, may run again at any time, and is the first part of the install
-- script.

do $block$
declare
  v_role text;
begin
  if pg_catalog.current_setting('server_encoding') <> 'UTF8' then
    raise exception 'the database''s encoding is %, not UTF8',
      pg_catalog.current_setting('server_encoding')
      using errcode = 'MD504',
      detail = 'Hashes are taken over the UTF-8 text.',
      hint = 'Create the database with: create database ... encoding ''UTF8'' template template0.';
  end if;
  -- Roles belong to the cluster: another database may have made them already, so their attributes
  -- are checked. memoriesdb_pgbouncer is who PgBouncer asks for passwords as: a DBA gives it LOGIN
  -- and a password where a pool is used.
  foreach v_role in array array[
    'memoriesdb_owner', 'memoriesdb_definer', 'memoriesdb_signer', 'memoriesdb_eraser',
    'memoriesdb_app', 'memoriesdb_client', 'memoriesdb_worker', 'memoriesdb_maintainer',
    'memoriesdb_admin', 'memoriesdb_auditor', 'memoriesdb_pgbouncer'
  ] loop
    if not exists (select from pg_catalog.pg_roles where rolname = v_role) then
      begin
        execute pg_catalog.format('create role %I nologin', v_role);
      exception
        -- An install in another database of this cluster has made it meanwhile.
        when duplicate_object or unique_violation then null;
      end;
    end if;
    if exists (
      select from pg_catalog.pg_roles
      where rolname = v_role
        and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication
          or (rolcanlogin and rolname <> 'memoriesdb_pgbouncer'))
    ) then
      raise exception 'role % has attributes that it must not have', v_role using
        errcode = 'MD505',
        detail = 'It must be NOLOGIN (memoriesdb_pgbouncer aside) NOSUPERUSER NOBYPASSRLS '
          'NOCREATEROLE NOCREATEDB NOREPLICATION.',
        hint = pg_catalog.format(
          'alter role %I %snosuperuser nobypassrls nocreaterole nocreatedb noreplication;',
          v_role, case when v_role <> 'memoriesdb_pgbouncer' then 'nologin ' else '' end
        );
    end if;
  end loop;
end;
$block$;

-- @if no superuser
-- The login becomes what it installs for as long as this transaction lasts: finish.sql ends it.
do $block$
begin
  execute pg_catalog.format(
    'grant memoriesdb_owner, memoriesdb_definer, memoriesdb_signer, memoriesdb_eraser to %I %s',
    current_user,
    -- Up to PostgreSQL 15 a membership inherits and sets; later each grant says so.
    case
      when pg_catalog.current_setting('server_version_num')::integer >= 160000
        then 'with inherit true, set true'
    end
  );
exception
  when insufficient_privilege then
    raise exception 'this login may not grant itself the roles of MemoriesDB' using
      errcode = 'MD505',
      detail = sqlerrm,
      hint = pg_catalog.format(
        'Install as the login that made the roles, or as it: grant memoriesdb_owner, '
        'memoriesdb_definer, memoriesdb_signer, memoriesdb_eraser to %I with admin option;',
        current_user
      );
end;
$block$;
-- @end

create extension if not exists vector with schema public;
create extension if not exists pg_trgm with schema public;
create extension if not exists pgcrypto with schema public;
-- @if plpython
create extension if not exists plpython3u;
-- @end

-- Extensions may live in any schema; the functions name it, so the roles need USAGE there.
do $block$
declare
  v_schema name;
begin
  for v_schema in
    select distinct n.nspname
    from pg_catalog.pg_extension as e
    inner join pg_catalog.pg_namespace as n on e.extnamespace = n.oid
    where e.extname in ('vector', 'pg_trgm', 'pgcrypto')
  loop
    execute pg_catalog.format(
      'grant usage on schema %I to memoriesdb_owner, memoriesdb_definer, memoriesdb_signer, '
      'memoriesdb_eraser, memoriesdb_app, memoriesdb_client, memoriesdb_worker, '
      'memoriesdb_maintainer, memoriesdb_admin', v_schema
    );
-- @if no superuser
    -- Who may not grant gets a warning at most.
    if not pg_catalog.has_schema_privilege('memoriesdb_app', v_schema, 'usage') then
      raise insufficient_privilege using
        message = pg_catalog.format('this login may not grant usage on schema %I', v_schema),
        hint = pg_catalog.format(
          'As its owner: grant usage on schema %I to %I with grant option;', v_schema, current_user
        );
    end if;
-- @end
  end loop;
end;
$block$;

-- A database that serves memories serves nobody else: CONNECT and TEMP are granted to each login by
-- name.
do $block$
begin
  execute pg_catalog.format('revoke all on database %I from public', pg_catalog.current_database());
  -- REFRESH MATERIALIZED VIEW CONCURRENTLY compares in a temporary table of the view's owner.
  execute pg_catalog.format(
    'grant temporary on database %I to memoriesdb_owner', pg_catalog.current_database()
  );
end;
$block$;

create schema if not exists memoriesdb authorization memoriesdb_owner;
create schema if not exists memoriesdb_system;

do $block$
declare
  v_role text;
  v_schema text;
begin
  -- Whoever owns a schema can drop and replace what others put into it.
  foreach v_schema in array array['memoriesdb', 'memoriesdb_system'] loop
    select r.rolname into v_role
    from pg_catalog.pg_namespace as n
    inner join pg_catalog.pg_roles as r on n.nspowner = r.oid
    where n.nspname = v_schema
      and not case v_schema
        when 'memoriesdb' then r.rolname = 'memoriesdb_owner'
        -- Without a superuser, the login that installs: a superuser's upgrade refuses that.
        else r.rolsuper or r.rolname = current_user
      end;
    if found then
      raise exception 'schema % is there already and belongs to %', v_schema, v_role using
        errcode = 'MD505',
        detail = 'Its owner could replace what is installed into it.',
        hint = 'A backup that was restored without the roles is to be restored again, the roles '
          'first. Anything else in the schema is not of MemoriesDB: use another database.';
    end if;
  end loop;
end;
$block$;

revoke all on schema memoriesdb, memoriesdb_system from public;
grant usage on schema memoriesdb to
memoriesdb_definer, memoriesdb_signer, memoriesdb_eraser, memoriesdb_app, memoriesdb_client,
memoriesdb_worker, memoriesdb_maintainer, memoriesdb_admin, memoriesdb_auditor;
grant usage on schema memoriesdb_system to memoriesdb_definer, memoriesdb_pgbouncer;
comment on schema memoriesdb is
'The memory of AI agents: tables under row-level security and the functions that applications '
'call.';
comment on schema memoriesdb_system is
'What must belong to the installing login, a superuser if there is one: Python modules that run in '
'the server, PgBouncer''s look-up, the installer''s records.';

create table if not exists memoriesdb_system._python_module (
  name text constraint _python_module_pkey primary key,
  source text not null,
  sha256 bytea not null,
  constraint _python_module_sha256_is_of_source check (
    sha256 = pg_catalog.sha256(convert_to(source, 'UTF8'))
  )
);
comment on table memoriesdb_system._python_module is
'Python modules that PL/Python functions import. Who writes here runs code as the server: only '
'the installing login may.';
comment on column memoriesdb_system._python_module.name is 'Dotted name, as it is imported.';
comment on column memoriesdb_system._python_module.source is 'The module''s text.';
comment on column memoriesdb_system._python_module.sha256 is
'SHA-256 of the text, the same as of the file outside.';
revoke all on memoriesdb_system._python_module from public;
grant select on memoriesdb_system._python_module to memoriesdb_definer;

create table if not exists memoriesdb_system._installed_object (
  path text constraint _installed_object_pkey primary key,
  sha256 bytea not null,
  applied_at timestamptz not null default clock_timestamp()
);
comment on table memoriesdb_system._installed_object is
'Replaceable files of this release that were applied, with their hash: a file is applied again '
'when its hash changes.';
comment on column memoriesdb_system._installed_object.path is 'Path below sql/.';
comment on column memoriesdb_system._installed_object.sha256 is
'SHA-256 of the file as it was applied.';
comment on column memoriesdb_system._installed_object.applied_at is 'When it was applied last.';
revoke all on memoriesdb_system._installed_object from public;

create table if not exists memoriesdb_system._installed_definition (
  kind text not null,
  identity text not null,
  sha256 bytea not null,
  constraint _installed_definition_pkey primary key (kind, identity)
);
comment on table memoriesdb_system._installed_definition is
'What the catalogue said of every object right after install: `memoriesdb verify` compares it '
'with what it says now.';
comment on column memoriesdb_system._installed_definition.kind is
'function, trigger, policy, view, table, constraint and so on.';
comment on column memoriesdb_system._installed_definition.identity is
'The object''s name within its kind.';
comment on column memoriesdb_system._installed_definition.sha256 is
'SHA-256 of its definition, owner and privileges.';
revoke all on memoriesdb_system._installed_definition from public;
