"""The databases of the run, and a transaction that is held open in all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from bench.recall.database import LOGINS, PASSWORD
from memoriesdb.cluster import Cluster

Connection = psycopg.Connection[tuple[Any, ...]]
# As a server ships where it matters: a commit waits for the disk.
SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "30min",
}


@dataclass(frozen=True)
class Place:
    """A database: the superuser's address, and those of logins through PgBouncer."""

    superuser: str
    app: str
    admin: str
    worker: str


def place_of(cluster: Cluster, name: str) -> Place:
    """Return the addresses of a database."""

    def pooled(login: str) -> str:
        return cluster.dsn(name, login, PASSWORD, pooled=True)

    return Place(cluster.postgres.dsn(name), pooled("app"), pooled("admin"), pooled("worker"))


def clone(cluster: Cluster, name: str) -> Place:
    """Make a database like ``postgres``, to which nobody may be connected, with its logins."""
    logins = [sql.Identifier(login) for login in (*LOGINS, "memoriesdb_pgbouncer")]
    with connect(cluster.postgres.dsn("template1")) as db:
        db.execute(sql.SQL("create database {} template postgres").format(sql.Identifier(name)))
        db.execute(
            sql.SQL("grant connect on database {} to {}").format(
                sql.Identifier(name), sql.SQL(", ").join(logins)
            )
        )
    return place_of(cluster, name)


def connect(dsn: str) -> Connection:
    """Connect, each statement a transaction, with nothing prepared: PgBouncer may be between."""
    return psycopg.connect(dsn, autocommit=True, prepare_threshold=None)


def value(db: Connection, query: str, *parameters: object) -> Any:
    """Return the one value of a query's one row."""
    row = db.execute(query.encode(), parameters or None).fetchone()
    assert row is not None
    return row[0]


@contextmanager
def held(places: Sequence[Place]) -> Iterator[None]:
    """Keep a transaction with a snapshot and a number open: no row that dies goes away."""
    with ExitStack() as stack:
        sessions = [stack.enter_context(connect(place.superuser)) for place in places]
        for db in sessions:
            db.execute("begin isolation level repeatable read")
            db.execute("select pg_current_xact_id()")
        yield
        for db in sessions:
            # Raises where it was not open to the end.
            db.execute("select pg_current_xact_id()")
            db.execute("rollback")
