"""What doctor asks about who may do what: roles, rights, policies, functions, triggers."""

from __future__ import annotations

from memoriesdb.installer.checks.check import check

PROTECTION = (
    check(
        "role_attributes",
        "failure",
        "roles are missing or have attributes that they must not have",
        "the roles are there and have no attributes",
        "missing: the backup was restored without them; make them first and restore again. Else: "
        "`alter role … nologin nosuperuser nobypassrls nocreaterole nocreatedb noreplication`.",
    ),
    check(
        "members_of_owner",
        "failure",
        "roles are members of the owner, or of a role that functions run as",
        "nobody is a member of the owner, or of a role that functions run as",
        "`revoke memoriesdb_owner, memoriesdb_definer, memoriesdb_signer, memoriesdb_eraser "
        "from …`. A maintainer has LOGIN NOINHERIT and no other attribute, is in "
        "memoriesdb_maintainer and memoriesdb_owner and in nothing else, without ADMIN.",
    ),
    check(
        "maintainers",
        "ok",
        "maintainers may become the tables' owner, to build vector indexes: with SET ROLE they "
        "read, change and drop everything in the schema",
        "no maintainer may become the tables' owner: nobody builds vector indexes",
        "guard their passwords like a superuser's, and let them in from the worker's machine alone "
        "(pg_hba.conf), best by peer over the Unix socket.",
    ),
    check(
        "nested_groups",
        "failure",
        "groups are members of other roles, and all their logins with them",
        "no group is a member of another role",
        "`revoke … from …`: grant roles to logins, each by name.",
    ),
    check(
        "role_granters",
        "warning",
        "who is no superuser can grant itself the tables' owner, and see every row",
        "nobody but superusers can grant the tables' owner",
        "it is as strong as a superuser here: guard its password, and connect no application with "
        "it. Where it need not be so: `alter role … nocreaterole`, `revoke … from …`.",
    ),
    check(
        "public_database_rights",
        "failure",
        "everybody may connect: the application of another database is one here",
        "nobody connects to this database who was not let in",
        "`memoriesdb upgrade DSN` revokes it; then `grant connect on database … to …` each login.",
    ),
    check(
        "identity_defaults",
        "failure",
        "sessions begin as some user without anybody saying so",
        "no session begins as some user",
        "`alter role … reset app.current_user`, `alter database … reset app.current_user`.",
    ),
    check(
        "dangerous_defaults",
        "failure",
        "sessions begin, or may be set, to skip triggers and policies, or in another role",
        "no session begins in another role, or without triggers or policies",
        "`alter role … reset …`, `alter database … reset …`, "
        "`revoke set on parameter session_replication_role from …`.",
    ),
    check(
        "default_privileges",
        "failure",
        "default privileges give away what is yet to be made",
        "no default privilege gives anything away",
        "`alter default privileges … revoke … on … from …`.",
    ),
    check(
        "wrong_owners",
        "failure",
        "objects do not belong to whom they must",
        "every object belongs to whom it must",
        "after a restore: make the roles first and restore again. Else `alter … owner to`.",
    ),
    check(
        "unprotected_tables",
        "failure",
        "tables are not under row-level security",
        "every table is under row-level security",
        "`memoriesdb verify DSN` names what has changed; `alter table … enable row level "
        "security, force row level security`.",
    ),
    check(
        "open_partitions",
        "failure",
        "partitions of the audit can be reached by their own names",
        "nobody reaches a partition of the audit by its own name",
        "`revoke all on … from …`, `drop policy …`: whatever is not the owner's.",
    ),
    check(
        "costly_gates",
        "warning",
        "EXPLAIN ANALYZE tells whether rows of others satisfy a condition: policies are not first",
        "policies are asked before any condition of a user's own",
        "after a restore `memoriesdb upgrade DSN` puts it right, as a superuser. Where there is "
        "none: run no SQL that a user may write.",
    ),
    check(
        "unsafe_functions",
        "failure",
        "functions have no fixed search_path",
        "every function has a fixed search_path",
        "`alter function … set search_path = pg_catalog, pg_temp`.",
    ),
    check(
        "weak_triggers",
        "failure",
        "triggers are off, can be switched off by a setting, or are missing",
        "every trigger fires always",
        "`alter table … enable always trigger …`; what happened meanwhile: "
        "`select * from memoriesdb.verify_memories()`.",
    ),
)
