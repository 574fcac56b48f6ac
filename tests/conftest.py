"""A real cluster a test process, a fresh database a test, cloned from a template."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from pytest_postgresql.janitor import DatabaseJanitor

from acting import PASSWORD, ROLES, Database, NewDatabase, login
from golden import Golden
from memoriesdb.cluster import Cluster, temporary_cluster
from memoriesdb.installer import install

TEMPLATE = "memoriesdb_template"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that writes the golden files anew."""
    parser.addoption("--update-golden", action="store_true", help="Write tests/golden/ anew.")


@pytest.fixture
def golden(pytestconfig: pytest.Config) -> Golden:
    """Compare texts with the files in tests/golden."""
    return Golden(pytestconfig.getoption("update_golden"))


def _grant_connect(db: psycopg.Connection[tuple[object, ...]], name: str) -> None:
    # CONNECT belongs to a database and is not cloned with its template.
    logins = [sql.Identifier(login(role)) for role in ROLES]
    logins.append(sql.Identifier("memoriesdb_pgbouncer"))
    db.execute(
        sql.SQL(
            "revoke all on database {0} from public; grant connect on database {0} to {1}; "
            "grant temporary on database {0} to memoriesdb_owner"
        ).format(sql.Identifier(name), sql.SQL(", ").join(logins))
    )


class Keeper:
    """Makes and drops databases over one connection: opening several for each is half the time."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._connection: psycopg.Connection[tuple[object, ...]] | None = None

    def make(self, name: str) -> None:
        """Clone the template."""
        db = self._live()
        db.execute(
            sql.SQL("create database {} template {}").format(
                sql.Identifier(name), sql.Identifier(TEMPLATE)
            )
        )
        _grant_connect(db, name)

    def drop(self, name: str) -> None:
        """Drop a database, whoever is still connected to it."""
        self._live().execute(
            sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
        )

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()

    def _live(self) -> psycopg.Connection[tuple[object, ...]]:
        # Some tests restart the server.
        if self._connection is not None:
            try:
                self._connection.execute("select")
            except psycopg.OperationalError:
                self._connection.close()
                self._connection = None
        if self._connection is None:
            self._connection = psycopg.connect(self._cluster.superuser_dsn, autocommit=True)
        return self._connection


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A private PostgreSQL with PgBouncer in transaction mode before it, and the tests' logins."""
    # Without the template's net under session-level settings: what isolates must do so alone, and
    # the negative controls must see what the net would hide.
    with temporary_cluster(pooler_settings={"server_reset_query_always": "0"}) as running:
        DatabaseJanitor(
            user="postgres",
            host=running.host,
            port=running.port,
            dbname=TEMPLATE,
            password=running.postgres.password,
        ).init()
        install(running.postgres.dsn(TEMPLATE))
        with psycopg.connect(running.superuser_dsn, autocommit=True) as db:
            for role in ROLES:
                db.execute(
                    sql.SQL("create role {} login password {} in role {}").format(
                        sql.Identifier(login(role)),
                        sql.Literal(PASSWORD),
                        sql.Identifier(f"memoriesdb_{role}"),
                    )
                )
            db.execute(
                sql.SQL("alter role memoriesdb_pgbouncer login password {}").format(
                    sql.Literal(running.pooler.auth_password)
                )
            )
        running.pooler.start()
        yield running


@pytest.fixture(scope="session")
def new_database(cluster: Cluster) -> Iterator[NewDatabase]:
    """Make databases, each with the schema and nothing else, that end with their context."""
    keeper = Keeper(cluster)

    @contextmanager
    def make() -> Iterator[Database]:
        name = f"test_{uuid.uuid4().hex[:12]}"
        keeper.make(name)
        opened = Database(cluster, name)
        try:
            yield opened
        finally:
            opened.close()
            keeper.drop(name)

    yield make
    keeper.close()


@pytest.fixture
def database(new_database: NewDatabase) -> Iterator[Database]:
    """A database of this test's own, with the schema and nothing else."""
    with new_database() as opened:
        yield opened


@pytest.fixture
def alice(database: Database) -> UUID:
    """A user."""
    return database.create_user("alice")


@pytest.fixture
def bob(database: Database) -> UUID:
    """Another user."""
    return database.create_user("bob")
