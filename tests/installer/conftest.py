"""Empty databases, copies of the shipped files to change, and catalogues to compare."""

from __future__ import annotations

import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from acting import Database
from memoriesdb.cluster import Cluster
from memoriesdb.cluster.processes import wait_until
from memoriesdb.installer import migrate, sources, steps

Connect = Callable[[str], psycopg.Connection[tuple[Any, ...]]]


@pytest.fixture
def create_database(cluster: Cluster) -> Iterator[Callable[..., str]]:
    """Make databases that go with the test; returns the superuser's DSN of each."""
    made: list[str] = []

    def create(options: str = "") -> str:
        name = f"scratch_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(cluster.superuser_dsn, autocommit=True) as db:
            db.execute(sql.SQL(f"create database {{}} {options}").format(sql.Identifier(name)))
        made.append(name)
        return cluster.postgres.dsn(name)

    yield create
    with psycopg.connect(cluster.superuser_dsn, autocommit=True) as db:
        for name in made:
            db.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def empty(create_database: Callable[..., str]) -> str:
    """The DSN of an empty database."""
    return create_database()


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Open connections in autocommit that are closed with the test."""
    opened: list[psycopg.Connection[tuple[Any, ...]]] = []

    def open_one(dsn: str) -> psycopg.Connection[tuple[Any, ...]]:
        opened.append(psycopg.connect(dsn, autocommit=True, prepare_threshold=None))
        return opened[-1]

    yield open_one
    for connection in opened:
        connection.close()


@pytest.fixture(scope="module")
def durable(cluster: Cluster) -> Iterator[None]:
    """The cluster with what keeps data over a crash, which the other tests do without."""
    names = ("fsync", "full_page_writes", "synchronous_commit")
    _alter_system(cluster, [f"set {name} = on" for name in names])
    yield
    _alter_system(cluster, [f"reset {name}" for name in names])


@pytest.fixture
def sealed(database: Database) -> None:
    """Seal what the template's install wrote, which is as old as the session of tests."""
    database.superuser().execute("select memoriesdb.seal_ledger()")


def _alter_system(cluster: Cluster, changes: list[str]) -> None:
    """Change settings of the server, and wait until new sessions have them."""
    with psycopg.connect(cluster.superuser_dsn, autocommit=True) as db:
        before = db.execute("select pg_conf_load_time()").fetchone()
        for change in changes:
            db.execute(f"alter system {change}".encode())
        db.execute("select pg_reload_conf()")
    assert wait_until(lambda: _load_time(cluster) != before, 10)


def _load_time(cluster: Cluster) -> tuple[Any, ...] | None:
    with psycopg.connect(cluster.superuser_dsn) as db:
        return db.execute("select pg_conf_load_time()").fetchone()


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shipped files, which the installer takes for the package's own."""
    for name, path in (("sql", sources.SQL), ("migrations", sources.MIGRATIONS)):
        shutil.copytree(path, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(sources.PYTHON, tmp_path / "memoriesdb_pl")
    monkeypatch.setattr(sources, "SQL", tmp_path / "sql")
    monkeypatch.setattr(steps, "SQL", tmp_path / "sql")
    monkeypatch.setattr(sources, "PYTHON", tmp_path / "memoriesdb_pl")
    monkeypatch.setattr(sources, "MIGRATIONS", tmp_path / "migrations")
    monkeypatch.setattr(migrate, "MIGRATIONS", tmp_path / "migrations")
    return tmp_path


def dump(cluster: Cluster, dsn: str, *arguments: str) -> str:
    """Return what pg_dump says of a database, without what differs between two runs."""
    program = cluster.postgres.installation.program("pg_dump")
    found = subprocess.run(
        [program, "--schema-only", *arguments, dsn],
        check=True,
        capture_output=True,
        text=True,
        cwd="/",
    ).stdout
    kept = (
        line
        for line in found.splitlines()
        if line and not line.startswith(("--", "SET ", "SELECT pg_catalog.set_config", "\\"))
    )
    return "\n".join(kept) + "\n"


def catalogue(dsn: str) -> set[tuple[Any, ...]]:
    """Return every object of MemoriesDB with the hash of its definition, owner and rights."""
    with psycopg.connect(dsn) as db:
        db.execute(steps.PROLOGUE.encode())
        return set(db.execute(steps.definitions.sql).fetchall())
