"""What doctor asks: one query a check, whose rows are what is wrong."""

from dataclasses import dataclass
from typing import Literal

from memoriesdb.queries import load
from memoriesdb.queries.loader import Query

ADMIN = "memoriesdb_admin"
AUDITOR = "memoriesdb_auditor"
WORKER = "memoriesdb_worker"


@dataclass(frozen=True)
class Detail:
    """One thing that is not as it should be."""

    detail: str


@dataclass(frozen=True)
class Check:
    """A query, what it means when it has rows and when it has none, and what to do then.

    ``seen_by`` names the groups that see all that the query reads: row-level security would hide
    it from others and call that healthy. None stands for everybody, since a catalogue hides little.
    """

    query: Query[Detail]
    level: Literal["ok", "warning", "failure"]
    bad: str
    good: str
    hint: str
    seen_by: frozenset[str] | None = None

    def visible_to(self, groups: set[str], *, is_superuser: bool) -> bool:
        """Whether a member of these groups gets a true answer."""
        return is_superuser or self.seen_by is None or bool(self.seen_by & groups)


def _check(
    name: str,
    level: Literal["ok", "warning", "failure"],
    bad: str,
    good: str,
    hint: str,
    seen_by: tuple[str, ...] | None = None,
) -> Check:
    groups = None if seen_by is None else frozenset(seen_by)
    return Check(load(f"installer/doctor/{name}", Detail), level, bad, good, hint, groups)


LOGIN = (
    _check(
        "powerful_memberships",
        "failure",
        "the login is a member of roles that no login may be in",
        "the login is in no role that sees everything",
        "`revoke … from …`: with SET ROLE it is what its roles are.",
    ),
    _check(
        "owned_by_login",
        "failure",
        "objects belong to the login, which can therefore change them",
        "the login owns nothing of MemoriesDB",
        "give them to memoriesdb_owner, or to who installed in memoriesdb_system; run "
        "`memoriesdb verify DSN` for what it may have changed.",
    ),
    _check(
        "creates_in",
        "failure",
        "the login may create objects where it must not",
        "the login creates nothing in the schemas of MemoriesDB",
        "`revoke create on schema … from …`, `revoke create on database … from …`.",
    ),
)

DATABASE = (
    _check(
        "role_attributes",
        "failure",
        "roles are missing or have attributes that they must not have",
        "the roles are there and have no attributes",
        "missing: the backup was restored without them; make them first and restore again. Else: "
        "`alter role … nologin nosuperuser nobypassrls nocreaterole nocreatedb noreplication`.",
    ),
    _check(
        "members_of_owner",
        "failure",
        "roles are members of the owner or the definer, and see every row",
        "nobody is a member of the owner or the definer",
        "`revoke memoriesdb_owner, memoriesdb_definer, memoriesdb_signer, memoriesdb_eraser "
        "from …`.",
    ),
    _check(
        "role_granters",
        "warning",
        "who is no superuser can grant itself the tables' owner, and see every row",
        "nobody but superusers can grant the tables' owner",
        "it is as strong as a superuser here: guard its password, and connect no application with "
        "it. Where it need not be so: `alter role … nocreaterole`, `revoke … from …`.",
    ),
    _check(
        "public_database_rights",
        "failure",
        "everybody may connect: the application of another database is one here",
        "nobody connects to this database who was not let in",
        "`memoriesdb upgrade DSN` revokes it; then `grant connect on database … to …` each login.",
    ),
    _check(
        "identity_defaults",
        "failure",
        "sessions begin as some user without anybody saying so",
        "no session begins as some user",
        "`alter role … reset app.current_user`, `alter database … reset app.current_user`.",
    ),
    _check(
        "wrong_owners",
        "failure",
        "objects do not belong to whom they must",
        "every object belongs to whom it must",
        "after a restore: make the roles first and restore again. Else `alter … owner to`.",
    ),
    _check(
        "unprotected_tables",
        "failure",
        "tables are not under row-level security",
        "every table is under row-level security",
        "`memoriesdb verify DSN` names what has changed; `alter table … enable row level "
        "security, force row level security`.",
    ),
    _check(
        "unsafe_functions",
        "failure",
        "functions have no fixed search_path",
        "every function has a fixed search_path",
        "`alter function … set search_path = pg_catalog, pg_temp`.",
    ),
    _check(
        "weak_triggers",
        "failure",
        "triggers are off, can be switched off by a setting, or are missing",
        "every trigger fires always",
        "`alter table … enable always trigger …`; what happened meanwhile: "
        "`select * from memoriesdb.verify_memories()`.",
    ),
    _check(
        "missing_extensions",
        "failure",
        "extensions are missing or too old",
        "the extensions are there",
        "install pgvector 0.8 or newer on the server, then `alter extension vector update`.",
    ),
    _check(
        "known_holes",
        "warning",
        "versions with known holes",
        "no version with a hole that is known to matter here",
        "update PostgreSQL to its last minor release, pgvector to 0.8.2 or newer; until then "
        "`set max_parallel_maintenance_workers = 0` where an HNSW index is built.",
    ),
    _check(
        "outdated_extensions",
        "warning",
        "extensions of which the server has a newer version",
        "the extensions are the server's",
        "`alter extension … update`.",
    ),
    _check(
        "invalid_indexes",
        "warning",
        "indexes are invalid: kept with every write, used by no query",
        "every index is valid",
        "`drop index concurrently …`, and make it again.",
    ),
    _check(
        "unpopulated_slices",
        "warning",
        "slices of memory_graph have no data: the view cannot be read",
        "memory_graph can be read",
        "`select memoriesdb.request_graph_refresh()` as an admin, with a vindexing worker running.",
    ),
    _check(
        "partitions_ahead",
        "warning",
        "partitions of the audit are not made ahead",
        "partitions of the audit are made ahead",
        "run the vindexing worker, or `select memoriesdb.maintain_audit_partitions()` as an admin.",
        (),
    ),
    _check(
        "default_partition",
        "warning",
        "entries of the audit lie in a default partition",
        "no entry of the audit lies in a default partition",
        "run the vindexing worker, which makes partitions ahead; what lies there stays readable.",
        (),
    ),
    _check(
        "lost_mappings",
        "warning",
        "users are mapped to logins that are gone or others by now",
        "every mapped login is the one that was mapped",
        "`select memoriesdb.map_db_role(memoriesdb.user_id('…'), '…')` as an admin.",
        (ADMIN,),
    ),
    _check(
        "dead_letters",
        "warning",
        "jobs were given up",
        "no job was given up",
        "repair what memoriesdb.queue_status.last_error names, then "
        "`select memoriesdb.requeue_embedding()` as an admin.",
        (ADMIN, AUDITOR, WORKER),
    ),
    _check(
        "old_jobs",
        "warning",
        "jobs have waited for more than ten minutes",
        "no job has waited for more than ten minutes",
        "run (more) workers: `memoriesdb worker embedding`, `memoriesdb worker vindexing`.",
        (ADMIN, AUDITOR, WORKER),
    ),
    _check(
        "silent_workers",
        "warning",
        "jobs wait and no worker gives a sign of life",
        "no job waits without a worker",
        "`systemctl status 'memoriesdb-*'`, or run `memoriesdb worker embedding|vindexing`.",
        (ADMIN, AUDITOR),
    ),
    _check(
        "changed_settings",
        "ok",
        "settings that were changed",
        "every setting has its default",
        "`select * from memoriesdb.settings` describes them.",
        (ADMIN,),
    ),
)
