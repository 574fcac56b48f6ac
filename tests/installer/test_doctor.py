"""doctor finds nothing in a healthy database and under a proper login, and each fault by name."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import closing
from typing import ClassVar
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from acting import PASSWORD, Database, login
from memoriesdb.cluster.pgbouncer import PgBouncer
from memoriesdb.cluster.ports import free_port
from memoriesdb.installer import Finding, diagnose
from queues.endpoint import DIMENSIONS, Endpoint

ROLES = ("app", "client", "worker", "admin", "auditor")


def _bad(dsn: str, **options: bool) -> list[Finding]:
    return [found for found in diagnose(dsn, **options) if found.level in {"warning", "failure"}]


def test_a_healthy_database_has_no_findings(database: Database) -> None:
    assert _bad(database.dsn("superuser")) == []


@pytest.mark.parametrize("pooled", [True, False], ids=["pool", "direct"])
@pytest.mark.parametrize("role", ROLES)
def test_a_proper_login_has_no_findings(database: Database, role: str, pooled: bool) -> None:
    found = diagnose(database.dsn(role, pooled=pooled))
    assert [f for f in found if f.level not in {"ok", "skipped"}] == []
    names = [f.what for f in found]
    assert ("connected through a pool" in names) is pooled
    (skipped,) = [f for f in found if f.level == "skipped"]
    assert skipped.what == f"not looked at, since {login(role)} cannot see it"


FAULTS = [
    ("alter role memoriesdb_app bypassrls", "alter role memoriesdb_app nobypassrls", "roles are"),
    (
        "create role mdb_middle role test_app; grant memoriesdb_owner to mdb_middle",
        "drop role mdb_middle",
        "members of the owner",
    ),
    (
        "alter role test_app set app.\"current_user\" = 'x'",
        "alter role test_app reset all",
        "begin as",
    ),
    ("grant temporary on database {} to public", "", "everybody may connect"),
    ("alter function memoriesdb.forget(uuid) owner to postgres", "", "do not belong"),
    ("alter table memoriesdb.memories owner to postgres", "", "do not belong"),
    ("alter function memoriesdb_system.load_python() owner to memoriesdb_owner", "", "not belong"),
    ("alter table memoriesdb.users no force row level security", "", "row-level security"),
    ("create table memoriesdb.extra (x int)", "", "row-level security"),
    (
        "drop policy settings_all_system on memoriesdb.settings; "
        "drop policy settings_select_admin on memoriesdb.settings",
        "",
        "row-level security",
    ),
    ("alter function memoriesdb.forget(uuid) reset search_path", "", "no fixed search_path"),
    ("alter table memoriesdb.memories disable trigger _900_audit_insert", "", "triggers are"),
    ("alter table memoriesdb.memories enable trigger _900_audit_insert", "", "triggers are"),
    ("drop trigger _900_refuse_truncate on memoriesdb.audit_log_000000", "", "triggers are"),
    ("drop extension pgcrypto cascade", "", "extensions are missing"),
    ("update pg_extension set extversion = '0.7.4' where extname = 'vector'", "", "too old"),
    ("update pg_extension set extversion = '1.0' where extname = 'pg_trgm'", "", "newer version"),
    (
        "create table public.t (v public.vector(3)); "
        "create index on public.t using hnsw (v public.vector_l2_ops)",
        "",
        "known holes",
    ),
    (
        "update pg_index set indisvalid = false where indexrelid = "
        "'memoriesdb.memory_edges_owner_id_target_id_idx'::regclass",
        "",
        "indexes are invalid",
    ),
    ("refresh materialized view memoriesdb._memory_graph_03 with no data", "", "have no data"),
    ("select setval('memoriesdb.audit_log_audit_id_seq', 5000000)", "", "not made ahead"),
    ("create function memoriesdb.backdoor() returns int return 1", "", "not what this release"),
    (
        "insert into memoriesdb.vindexing_schedule (slice, xid, dead_at) values (1, '1', now())",
        "",
        "were given up",
    ),
    (
        "insert into memoriesdb.vindexing_schedule (slice, xid, enqueued_at) "
        "values (1, '1', now() - interval '1 hour')",
        "",
        "more than ten minutes",
    ),
    ("insert into memoriesdb.vindexing_schedule (slice, xid) values (1, '1')", "", "sign of life"),
]


@pytest.mark.parametrize(("fault", "undo", "what"), FAULTS, ids=[f[0][:70] for f in FAULTS])
def test_each_fault_is_named(database: Database, fault: str, undo: str, what: str) -> None:
    db = database.superuser()
    try:
        db.execute(fault.replace("{}", database.name).encode())
        found = _bad(database.dsn("superuser"))
    finally:
        if undo:
            db.execute(undo.encode())
    (named,) = [finding for finding in found if what in finding.what]
    assert named.detail
    assert named.hint


def test_a_worker_that_lives_is_a_sign_of_life(database: Database) -> None:
    db = database.superuser()
    db.execute("insert into memoriesdb.vindexing_schedule (slice, xid) values (1, '1')")
    with database.connect("worker") as worker:
        worker.execute("select memoriesdb.worker_heartbeat('w', 'vindexing', '0.1.0')")
    assert _bad(database.dsn("superuser")) == []
    db.execute("update memoriesdb.worker_heartbeats set seen_at = now() - interval '5 minutes'")
    (named,) = _bad(database.dsn("superuser"))
    assert "vindexing: last seen" in named.detail


def test_entries_in_a_default_partition_are_named(database: Database) -> None:
    db = database.superuser()
    db.execute("select setval('memoriesdb.audit_log_audit_id_seq', 50000000)")
    database.create_user("late")
    assert "entries of the audit lie in a default partition" in {
        finding.what for finding in _bad(database.dsn("superuser"))
    }


def test_a_mapped_login_that_was_made_anew_is_named(database: Database, alice: UUID) -> None:
    db = database.superuser()
    db.execute("create role mdb_ada login in role memoriesdb_client")
    try:
        with database.connect("admin", pooled=False) as admin:
            admin.execute("select memoriesdb.map_db_role(%s, 'mdb_ada')", (alice,))
        assert _bad(database.dsn("superuser")) == []
        db.execute("drop role mdb_ada")
        db.execute("create role mdb_ada login in role memoriesdb_client")
        (named,) = _bad(database.dsn("superuser"))
        assert (named.level, named.detail) == ("warning", "mdb_ada as alice")
    finally:
        db.execute("drop role mdb_ada")


def test_settings_that_were_changed_are_told(database: Database) -> None:
    with database.connect("admin", pooled=False) as admin:
        admin.execute("select memoriesdb.set_setting('max_attempts', '3')")
    for role in ("superuser", "admin"):
        (told,) = [
            f for f in diagnose(database.dsn(role)) if f.what == "settings that were changed"
        ]
        assert (told.level, told.detail) == ("ok", "max_attempts = 3 (default 8)")


@pytest.fixture
def someone(database: Database) -> Iterator[str]:
    """A login that a DBA has just made for an application."""
    db = database.superuser()
    name = sql.Identifier("mdb_someone")
    db.execute(
        sql.SQL("create role {} login password {} in role memoriesdb_app").format(name, PASSWORD)
    )
    db.execute(
        sql.SQL("grant connect on database {} to {}").format(sql.Identifier(database.name), name)
    )
    yield database.cluster.dsn(database.name, "mdb_someone", PASSWORD)
    db.execute(sql.SQL("drop owned by {} cascade; drop role {}").format(name, name))


LOGIN_FAULTS = [
    ("alter role mdb_someone superuser", "attributes"),
    ("alter role mdb_someone bypassrls", "attributes"),
    ("alter role mdb_someone createrole", "attributes"),
    ("alter role mdb_someone replication", "attributes"),
    ("grant memoriesdb_owner to mdb_someone", "no login may be in"),
    ("grant memoriesdb_definer to mdb_someone", "no login may be in"),
    ("grant pg_read_all_data to mdb_someone", "no login may be in"),
    ("alter role mdb_someone noinherit; grant memoriesdb_owner to mdb_someone", "no login may be"),
    ("alter table memoriesdb.settings owner to mdb_someone", "belong to the login"),
    ("alter function memoriesdb.forget(uuid) owner to mdb_someone", "belong to the login"),
    ("grant create on schema memoriesdb to mdb_someone", "may create objects"),
    ("grant create on database {} to mdb_someone", "may create objects"),
    ("grant memoriesdb_admin to mdb_someone", "more than one group"),
    ("revoke memoriesdb_app from mdb_someone", "no group"),
    ("alter role mdb_someone set app.\"current_user\" = 'x'", "state of another client"),
]


@pytest.mark.parametrize(("fault", "what"), LOGIN_FAULTS, ids=[f[0] for f in LOGIN_FAULTS])
def test_each_fault_of_a_login_is_named(
    database: Database, someone: str, fault: str, what: str
) -> None:
    assert _bad(someone) == []
    database.superuser().execute(fault.replace("{}", database.name).encode())
    found = _bad(someone, application=True)
    (named,) = [finding for finding in found if what in finding.what]
    assert named.hint


def test_membership_through_another_role_is_named(database: Database, someone: str) -> None:
    db = database.superuser()
    db.execute("create role mdb_between; grant memoriesdb_definer to mdb_between")
    try:
        db.execute("grant mdb_between to mdb_someone")
        details = {finding.what: finding.detail for finding in _bad(someone)}
    finally:
        db.execute("drop role mdb_between")
    assert details["the login is a member of roles that no login may be in"] == "memoriesdb_definer"


def test_a_superusers_dsn_is_refused_for_an_application(database: Database) -> None:
    (found,) = _bad(database.dsn("superuser"), application=True)
    assert found.what == "postgres has attributes with which nothing protects the memories"
    assert "alter role" not in found.hint, "the server's own superuser is not to be disarmed"


@pytest.mark.parametrize("role", ["superuser", "admin"])
def test_an_endpoint_that_is_away_is_named(database: Database, role: str) -> None:
    with database.connect("admin", pooled=False) as admin:
        admin.execute(
            "select memoriesdb.register_embedding_model('m', 'ollama', 'http://127.0.0.1:9', %s)",
            (DIMENSIONS,),
        )
    (found,) = [f for f in _bad(database.dsn(role)) if "endpoint" in f.what]
    assert (found.level, "m at http://127.0.0.1:9" in found.detail) == ("warning", True)
    with closing(Endpoint()) as endpoint:
        with database.connect("admin", pooled=False) as admin:
            admin.execute(
                "select memoriesdb.register_embedding_model('m', 'ollama', %s, %s)",
                (endpoint.url, DIMENSIONS),
            )
        assert _bad(database.dsn(role)) == []
    assert not [f for f in diagnose(database.dsn("app")) if "endpoint" in f.what]


def test_state_that_another_client_left_in_the_pool_is_named(database: Database) -> None:
    """A session-level setting through a transaction pool: the next client is that user."""
    with database.connect("app", autocommit=True) as careless:
        careless.execute("select set_config('app.current_user', %s, false)", (str(UUID(int=1)),))
    named = [f for f in _bad(database.dsn("app")) if "another client" in f.what]
    assert [f.level for f in named] == ["failure"]
    assert "app.current_user" in named[0].detail


class Careless(PgBouncer):
    """A pooler with `user=` in a database's line, as a how-to of another kind has it."""

    forced: ClassVar[str] = ""

    def configuration(self) -> str:
        line = f"{self.forced} = user={login('app')} host={self.server_host}"
        users = self.directory / "users.txt"
        self.account.write(
            users, f'"{login("app")}" "{PASSWORD}"\n"{login("client")}" "{PASSWORD}"\n'
        )
        kept = (
            f"auth_file = {users}" if line.startswith("auth_file") else line
            for line in super().configuration().splitlines()
            if not line.startswith(("auth_user", "auth_query"))
        )
        return "\n".join(kept).replace(
            "[databases]\n", f"[databases]\n{line} port={self.server_port}\n"
        )


def test_a_user_in_the_line_of_pgbouncers_database_makes_a_client_an_app(
    database: Database,
) -> None:
    proper = database.cluster.pooler
    fields = {f.name: getattr(proper, f.name) for f in dataclasses.fields(proper)}
    careless = Careless(
        **fields | {"port": free_port(), "directory": proper.directory.with_name("careless")}
    )
    Careless.forced = database.name
    careless.start()
    try:
        dsn = database.dsn("client").replace(f":{proper.port}/", f":{careless.port}/")
        found = {finding.what: finding for finding in _bad(dsn)}
    finally:
        careless.stop()
    named = found["the server sees another login than the one that was named"]
    assert (named.level, named.detail) == ("failure", "named test_client, seen test_app")


def test_a_database_without_memoriesdb_is_a_failure(database: Database) -> None:
    (found,) = _bad(database.cluster.superuser_dsn)
    assert "not installed" in found.what


def test_a_server_that_is_not_there_is_the_drivers_error() -> None:
    with pytest.raises(psycopg.OperationalError):
        diagnose("postgresql://postgres@127.0.0.1:9/nowhere")


def test_nothing_is_changed_by_looking(database: Database) -> None:
    db = database.superuser()
    db.execute(f"alter database {database.name} set default_transaction_read_only = on")
    assert _bad(database.dsn("app", pooled=False)) == []
    assert _bad(database.dsn("superuser")) == []
