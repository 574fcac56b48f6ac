"""Direct reads in the server's log, with the real pgaudit and the files that are shipped for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from acting import PASSWORD, ROLES, login
from memoriesdb.cluster import Cluster, temporary_cluster
from memoriesdb.installer import install, upgrade, verify

FILES = resources.files("memoriesdb") / "pgaudit"
DATABASE = "audited"
# What pgaudit 1.7 (PostgreSQL 15) and newer write, statement and parameters withheld.
ENTRY = re.compile(
    r"(?P<login>\w+)@audited (?P<application>\S*) ?LOG:  AUDIT: OBJECT,\d+,\d+,\w+,\w+,"
    r"(?:TABLE|VIEW),memoriesdb\.(?P<table>\w+),<not logged>,<not logged>,(?P<rows>\d+)$",
    re.MULTILINE,
)


def shipped_settings() -> dict[str, str]:
    """Return the settings of the shipped file, as the server will read them."""
    lines = (FILES / "pgaudit.conf").read_text().splitlines()
    pairs = (line.split(" = ", 1) for line in lines if line and not line.startswith("#"))
    return {name: value.strip("'") for name, value in pairs}


@pytest.fixture(scope="module")
def audited(cluster: Cluster) -> Iterator[Cluster]:
    """A server of its own that loads pgaudit, set up as the how-to says, with a pooler."""
    with psycopg.connect(cluster.superuser_dsn) as db:
        if not db.execute("select from pg_available_extensions where name = 'pgaudit'").rowcount:
            pytest.skip("pgaudit is not installed: there is no package postgresql-NN-pgaudit here")
    with temporary_cluster(shipped_settings()) as running:
        with psycopg.connect(running.superuser_dsn, autocommit=True) as db:
            db.execute(f"create database {DATABASE}")
        install(running.postgres.dsn(DATABASE))
        with psycopg.connect(running.postgres.dsn(DATABASE), autocommit=True) as db:
            db.execute((FILES / "setup.sql").read_bytes())
            for role in ROLES:
                names = {"login": sql.Identifier(login(role)), "password": sql.Literal(PASSWORD)}
                group = sql.Identifier(f"memoriesdb_{role}")
                db.execute(
                    sql.SQL(
                        "create role {login} login password {password} in role {group}; "
                        "grant connect on database audited to {login}"
                    ).format(group=group, **names)
                )
            db.execute(
                sql.SQL(
                    "alter role memoriesdb_pgbouncer login password {}; "
                    "grant connect on database audited to memoriesdb_pgbouncer"
                ).format(sql.Literal(running.pooler.auth_password))
            )
        running.pooler.start()
        yield running


@pytest.fixture(scope="module")
def alice(audited: Cluster) -> UUID:
    """A user of that database with one memory."""
    with psycopg.connect(audited.dsn(DATABASE, login("admin"), PASSWORD)) as db:
        row = db.execute("select memoriesdb.create_user('alice')").fetchone()
    assert row is not None
    user_id: UUID = row[0]
    with acting(audited, user_id) as db:
        db.execute("select memoriesdb.remember('the code of the safe is 4711')")
    return user_id


def acting(cluster: Cluster, user_id: UUID) -> psycopg.Connection[tuple[object, ...]]:
    """Connect through the pool as the application, acting as this user."""
    dsn = cluster.dsn(DATABASE, login("app"), PASSWORD, pooled=True)
    db = psycopg.connect(dsn, prepare_threshold=None)
    db.execute("select memoriesdb.set_user(%s)", (user_id,))
    return db


def entries(cluster: Cluster, since: int) -> list[tuple[str, str, str]]:
    """Logins, tables and numbers of rows in the log from this place on."""
    found = ENTRY.finditer(cluster.postgres.log.read_text()[since:])
    return [(entry["login"], entry["table"], entry["rows"]) for entry in found]


def test_a_direct_select_leaves_an_entry_without_its_text(audited: Cluster, alice: UUID) -> None:
    since = len(audited.postgres.log.read_text())
    with acting(audited, alice) as db:
        rows = db.execute(
            "select content from memoriesdb.memories where content ~ 'safe' and content ~ %s",
            ("code",),
        ).fetchall()
    assert rows == [("the code of the safe is 4711",)]
    assert entries(audited, since) == [("test_app", "memories", "1")]
    log = audited.postgres.log.read_text()
    for secret in ("4711", "safe", "content ~"):
        assert secret not in log


@pytest.mark.parametrize(
    ("table", "statement"),
    [
        ("memory_versions", "select count(*) from memoriesdb.memory_versions"),
        ("memory_embeddings", "select count(*) from memoriesdb.memory_embeddings"),
        ("memory_edges", "select count(*) from memoriesdb.memory_edges"),
        ("audit_payloads", "select count(*) from memoriesdb.audit_payloads"),
        ("memory_graph", "select count(*) from memoriesdb.memory_graph"),
        ("memories", "select count(*) from (select m.* from memoriesdb.memories as m) as x"),
        ("memories", "update memoriesdb.memories set importance = 1 where content ~ 'x'"),
        ("memories", "copy (select content from memoriesdb.memories) to stdout"),
    ],
)
def test_every_way_to_read_what_people_remember(
    audited: Cluster, alice: UUID, table: str, statement: str
) -> None:
    since = len(audited.postgres.log.read_text())
    with acting(audited, alice) as db:
        if statement.startswith("copy"):
            with db.cursor().copy(statement.encode()) as copy:
                assert list(copy)
        else:
            db.execute(statement.encode())
    assert ("test_app", table) in {entry[:2] for entry in entries(audited, since)}


@pytest.mark.parametrize("table", ["memory_documents", "memory_terms", "frequent_terms"])
def test_every_way_to_read_their_words(audited: Cluster, alice: UUID, table: str) -> None:
    """Search keeps them where the tables' owner and superusers look, and no application."""
    since = len(audited.postgres.log.read_text())
    with psycopg.connect(audited.postgres.dsn(DATABASE)) as db:
        db.execute("set role memoriesdb_owner")
        db.execute(f"select count(*) from memoriesdb.{table}".encode())
    assert ("postgres", table) in {entry[:2] for entry in entries(audited, since)}


def test_what_reads_no_memory_is_not_logged(audited: Cluster, alice: UUID) -> None:
    """Negative control: neither other tables nor the policies' own look-ups."""
    since = len(audited.postgres.log.read_text())
    with acting(audited, alice) as db:
        db.execute("select username from memoriesdb.users")
        db.execute("select * from memoriesdb.access_log")
        db.execute("select memoriesdb.current_user_id()")
    assert entries(audited, since) == []


def test_the_role_itself_reads_nothing(audited: Cluster, alice: UUID) -> None:
    with psycopg.connect(audited.postgres.dsn(DATABASE)) as db:
        assert db.execute("select from memoriesdb.memories").rowcount == 1
        db.execute("grant usage on schema memoriesdb to memoriesdb_pgaudit")
        db.execute("set role memoriesdb_pgaudit")
        assert db.execute("select from memoriesdb.memories").rowcount == 0
        db.rollback()
        db.execute("set role memoriesdb_pgaudit")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute("select from memoriesdb.memories")


def test_verify_and_an_upgrade_go_on_as_before(audited: Cluster, alice: UUID) -> None:
    dsn = audited.postgres.dsn(DATABASE)
    assert verify(dsn) == []
    upgrade(dsn)
    assert verify(dsn) == []
    # Negative control: a right to write is no business of pgaudit's.
    with psycopg.connect(dsn, autocommit=True) as db:
        db.execute("grant update on memoriesdb.memories to memoriesdb_pgaudit")
        assert [found.name for found in verify(dsn)] == ["memoriesdb.memories"]
        db.execute("revoke update on memoriesdb.memories from memoriesdb_pgaudit")
    test_a_direct_select_leaves_an_entry_without_its_text(audited, alice)
