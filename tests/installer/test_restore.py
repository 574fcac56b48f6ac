"""Back up with pg_dump, restore elsewhere: what is kept, what is lost without the roles."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from acting import Database
from dumped import LOST, lost
from memoriesdb.cluster import Cluster, temporary_cluster
from memoriesdb.installer import diagnose, install, upgrade, verify

from .conftest import Connect

MEMORIES = "select id, seq, content from memoriesdb.memories order by seq"
POPULATED = "select bool_and(ispopulated) from pg_matviews where schemaname = 'memoriesdb'"
NOT_SHIPPED = "what is installed is not what this release ships"
GRAPH = "select count(*) from memoriesdb.memory_graph"


@pytest.fixture
def backup(database: Database, tmp_path: Path) -> Path:
    """A dump of a database in which two linked memories are."""
    alice = database.create_user("alice")
    first = database.remember(alice, "The violin is in the attic.")
    second = database.remember(alice, "The key hangs behind the door.")
    with database.acting(alice) as db:
        db.execute("select memoriesdb.link(%s, %s)", (first, second))
    _refresh(database.superuser())
    file = tmp_path / "backup.dump"
    _run(database.cluster, "pg_dump", "-Fc", "-f", str(file), database.dsn("superuser"))
    return file


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Cluster]:
    """Another cluster, in which nobody has heard of MemoriesDB."""
    with temporary_cluster() as other:
        yield other


def _run(cluster: Cluster, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [cluster.postgres.installation.program(program), *arguments],
        check=False,
        capture_output=True,
        text=True,
        cwd="/",
    )


def _refresh(db: psycopg.Connection[tuple[object, ...]]) -> None:
    for number in range(16):
        db.execute("select memoriesdb._refresh_graph_slice(%s::smallint)", (number,))


def _failures(dsn: str) -> dict[str, str]:
    return {found.what: found.detail for found in diagnose(dsn) if found.level == "failure"}


def _works_as_before(source: Database, restored: str) -> None:
    with psycopg.connect(restored) as db:
        assert db.execute(MEMORIES).fetchall() == source.superuser().execute(MEMORIES).fetchall()
        db.execute("select memoriesdb.set_user(id) from memoriesdb.users where username = 'alice'")
        assert db.execute(GRAPH).fetchone() == (1,)
        found = db.execute("select content from memoriesdb.recall('violin')").fetchone()
        assert found == ("The violin is in the attic.",)
        db.execute("select memoriesdb.remember('Written after the restore.')")
        assert db.execute("select * from memoriesdb.verify_memories()").fetchall() == []


def test_a_restore_under_row_level_security_is_whole(
    database: Database, backup: Path, empty: str
) -> None:
    """With --enable-row-security the slices of memory_graph are filled as well."""
    done = _run(database.cluster, "pg_restore", "--enable-row-security", "-d", empty, str(backup))
    assert (done.returncode, done.stderr) == (0, "")
    assert lost(empty)
    assert set(_failures(empty)) == {
        NOT_SHIPPED,
        "everybody may connect: the application of another database is one here",
    }, "a dump without --create has no rights on the database"
    assert upgrade(empty).repaired == [f"function {name}" for name in LOST]
    assert verify(empty) == []
    assert _failures(empty) == {}
    _works_as_before(database, empty)


def test_a_restore_without_the_option_leaves_the_graph_to_a_refresh(
    database: Database, backup: Path, empty: str, connect: Connect
) -> None:
    """pg_restore sets row_security = off, and the owner's refresh is refused under FORCE."""
    done = _run(database.cluster, "pg_restore", "-d", empty, str(backup))
    refused = [line for line in done.stderr.splitlines() if line.startswith("pg_restore: error")]
    assert len(refused) == 16
    assert all("row-level security policy" in line for line in refused)
    db = connect(empty)
    assert db.execute(POPULATED).fetchone() == (False,)
    assert "slices of memory_graph have no data: the view cannot be read" in {
        found.what for found in diagnose(empty) if found.level == "warning"
    }
    _refresh(db)
    assert db.execute(POPULATED).fetchone() == (True,)
    assert lost(empty)
    _works_as_before(database, empty)


def test_an_upgrade_fills_the_graph_after_a_restore(
    database: Database, backup: Path, empty: str, connect: Connect
) -> None:
    _run(database.cluster, "pg_restore", "-d", empty, str(backup))
    upgrade(empty)
    assert connect(empty).execute(POPULATED).fetchone() == (True,)


def test_without_the_roles_protection_is_lost_and_said(
    database: Database, backup: Path, elsewhere: Cluster
) -> None:
    """The rows are there, and nothing that guards them: no policy, all owned by the superuser."""
    dsn = _database_in(elsewhere, "without_roles")
    done = _run(elsewhere, "pg_restore", "-d", dsn, str(backup))
    assert 'role "memoriesdb_owner" does not exist' in done.stderr
    with psycopg.connect(dsn) as db:
        assert db.execute("select count(*) from pg_policies").fetchone() == (0,)
    assert {
        "roles are missing or have attributes that they must not have",
        "objects do not belong to whom they must",
        "tables are not under row-level security",
        NOT_SHIPPED,
    } <= set(_failures(dsn))
    with pytest.raises(psycopg.DatabaseError) as caught:
        install(dsn)
    assert caught.value.sqlstate == "MD505", "an install does not cover it up"
    assert "the roles first" in (caught.value.diag.message_hint or "")


def test_with_the_roles_first_another_cluster_has_it_all(
    database: Database, backup: Path, elsewhere: Cluster
) -> None:
    dsn = _database_in(elsewhere, "with_roles")
    with psycopg.connect(dsn, autocommit=True) as db:
        # So that oids differ from those of the first cluster.
        db.execute("create role somebody_else")
        db.execute(_roles(database))
    done = _run(elsewhere, "pg_restore", "--enable-row-security", "-d", dsn, str(backup))
    assert (done.returncode, done.stderr) == (0, "")
    assert lost(dsn)
    assert set(_failures(dsn)) == {
        NOT_SHIPPED,
        "everybody may connect: the application of another database is one here",
    }
    assert upgrade(dsn).repaired == [f"function {name}" for name in LOST]
    assert _failures(dsn) == {}
    _works_as_before(database, dsn)


def _database_in(cluster: Cluster, name: str) -> str:
    with psycopg.connect(cluster.superuser_dsn, autocommit=True) as db:
        db.execute(f"create database {name}")
    return cluster.postgres.dsn(name)


def _roles(database: Database) -> bytes:
    """The groups as pg_dumpall has them, without the superuser and the tests' logins."""
    dumped = _run(
        database.cluster, "pg_dumpall", "--roles-only", "-d", database.cluster.superuser_dsn
    ).stdout
    kept = (
        line
        for line in dumped.splitlines()
        if line.startswith(("CREATE ROLE memoriesdb_", "ALTER ROLE memoriesdb_"))
    )
    return "\n".join(kept).encode()


def test_a_backup_taken_with_create_carries_the_rights_on_the_database(
    database: Database, tmp_path: Path, create_database: Callable[..., str]
) -> None:
    """pg_dump --create writes them; pg_restore -C is then asked to make the database anew."""
    file = tmp_path / "created.sql"
    _run(database.cluster, "pg_dump", "--create", "-f", str(file), database.dsn("superuser"))
    assert f"REVOKE CONNECT,TEMPORARY ON DATABASE {database.name} FROM PUBLIC;" in file.read_text()
