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


def _janitor(cluster: Cluster, name: str, template: str | None = None) -> DatabaseJanitor:
    return DatabaseJanitor(
        user="postgres",
        host=cluster.host,
        port=cluster.port,
        dbname=name,
        password=cluster.postgres.password,
        template_dbname=template,
    )


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A private PostgreSQL with PgBouncer in transaction mode before it, and the tests' logins."""
    # Without the template's net under session-level settings: what isolates must do so alone, and
    # the negative controls must see what the net would hide.
    with temporary_cluster(pooler_settings={"server_reset_query_always": "0"}) as running:
        _janitor(running, TEMPLATE).init()
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
def new_database(cluster: Cluster) -> NewDatabase:
    """Make databases, each with the schema and nothing else, that end with their context."""

    @contextmanager
    def make() -> Iterator[Database]:
        name = f"test_{uuid.uuid4().hex[:12]}"
        janitor = _janitor(cluster, name, TEMPLATE)
        janitor.init()
        with psycopg.connect(cluster.superuser_dsn, autocommit=True) as db:
            _grant_connect(db, name)
        opened = Database(cluster, name)
        try:
            yield opened
        finally:
            opened.close()
            janitor.drop()

    return make


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
