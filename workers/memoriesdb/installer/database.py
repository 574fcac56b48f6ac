"""The installer's connection, and what it asks the database before it begins."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import Connection

from memoriesdb.installer.errors import InstallError
from memoriesdb.installer.sources import Target
from memoriesdb.queries import load
from memoriesdb.queries.loader import Query, Row

OLDEST_SERVER = 15
OLDEST_VECTOR = (0, 8)


@dataclass(frozen=True)
class Facts:
    """What the installer needs to know of a server."""

    version: int
    is_superuser: bool
    is_administrator: bool
    is_installed: bool
    belongs_to: str | None
    has_plpython: bool
    vector_available: str | None


@dataclass(frozen=True)
class Extension:
    """An extension that is there, and where."""

    name: str
    schema: str
    version: str


facts: Query[Facts] = load("installer/facts", Facts)
extensions: Query[Extension] = load("installer/extensions", Extension)


@contextmanager
def transaction(dsn: str) -> Iterator[tuple[sa.Connection, Connection[Any]]]:
    """One transaction, for alembic as SQLAlchemy's and for the rest as psycopg's connection.

    The DSN may have any form that psycopg takes, and a connection that fails raises its error.
    """
    driver = psycopg.connect(
        dsn,
        connect_timeout=10,
        application_name="memoriesdb installer",
        client_encoding="UTF8",
        prepare_threshold=None,
    )
    engine = sa.create_engine(
        "postgresql+psycopg://", creator=lambda: driver, poolclass=sa.NullPool
    )
    with driver, engine.begin() as connection:
        yield connection, driver


def driver_of(connection: sa.Connection) -> Connection[Any]:
    """Return psycopg's connection under SQLAlchemy's."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, Connection):
        raise TypeError("the driver is not psycopg")
    return driver


def ask_facts(db: Connection[Any]) -> Facts:
    """Return the facts, or raise where this server cannot be installed to."""
    found = one(db, facts)
    if found.version < OLDEST_SERVER:
        raise InstallError(
            f"the server is PostgreSQL {found.version}",
            f"MemoriesDB needs PostgreSQL {OLDEST_SERVER} or newer.",
        )
    if not (found.is_superuser or found.is_administrator):
        raise InstallError(
            "this login is not a superuser, nor one with CREATEROLE that owns the database",
            "install as one of them: it makes roles, and as a superuser functions that read "
            "password verifiers and run Python. `memoriesdb sql` prints all that it does.",
        )
    if found.is_installed and found.belongs_to is not None:
        raise InstallError(
            f"what is installed here belongs to {found.belongs_to}",
            f"connect as {found.belongs_to}: nobody else may replace it, and a superuser who reads "
            "what another login owns could run that login's code.",
        )
    if found.vector_available is None:
        raise InstallError(
            "the server has no extension vector",
            "install pgvector 0.8 or newer on the server's machine.",
        )
    if tuple(int(part) for part in found.vector_available.split(".")[:2]) < OLDEST_VECTOR:
        raise InstallError(
            f"pgvector {found.vector_available} is too old",
            "install 0.8 or newer, and `alter extension vector update` where it is in use.",
        )
    return found


def target_of(db: Connection[Any], found: Facts, *, plpython: bool) -> Target:
    """Return what files are rendered for: the extensions must be there by now."""
    schemas = {row.name: row.schema for row in rows(db, extensions)}
    missing = [name for name in ("vector", "pg_trgm", "pgcrypto") if name not in schemas]
    if missing:
        raise InstallError(
            f"this database lacks the extension {', '.join(missing)}",
            "run `memoriesdb upgrade DSN`, which makes it; what was dropped with it is named by "
            "`memoriesdb verify DSN`.",
        )
    return replace(
        Target(),
        server_version=found.version,
        plpython=plpython,
        superuser=found.is_superuser,
        extension_schemas=tuple((n, schemas[n]) for n in ("vector", "pg_trgm", "pgcrypto")),
    )


def rows(db: Connection[Any], query: Query[Row]) -> list[Row]:
    """Run a query without parameters and return its typed rows."""
    with db.cursor(row_factory=query.row_factory) as cursor:
        return cursor.execute(query.sql).fetchall()


def one(db: Connection[Any], query: Query[Row]) -> Row:
    """Run a query that gives one row."""
    (row,) = rows(db, query)
    return row
