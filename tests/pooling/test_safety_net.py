"""PgBouncer as shipped undoes a session-level SET, which would make the next client that user."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest

from acting import PASSWORD, Database, login
from memoriesdb.cluster.pgbouncer import PgBouncer
from memoriesdb.cluster.ports import free_port


@pytest.fixture
def as_shipped(database: Database) -> Iterator[PgBouncer]:
    """A pooler with the template's settings alone, beside the one of the other tests."""
    pooler = database.cluster.pooler
    shipped = dataclasses.replace(
        pooler,
        directory=pooler.directory.with_name("pgbouncer-as-shipped"),
        socket_directory=pooler.socket_directory,
        port=free_port([pooler.port]),
        settings={},
    )
    shipped.start()
    yield shipped
    shipped.stop()


def _users_of_next_client(database: Database, alice: UUID, port: int) -> list[UUID | None]:
    dsn = f"host=127.0.0.1 port={port} dbname={database.name} user={login('app')}"
    with psycopg.connect(f"{dsn} password={PASSWORD}", prepare_threshold=None) as db:
        db.execute("select set_config('app.current_user', %s, false)", (str(alice),))
    with psycopg.connect(f"{dsn} password={PASSWORD}", prepare_threshold=None) as db:
        return [row[0] for row in db.execute("select memoriesdb.current_user_id()")]


def test_a_session_level_user_does_not_reach_the_next_client(
    database: Database, alice: UUID, as_shipped: PgBouncer
) -> None:
    assert _users_of_next_client(database, alice, as_shipped.port) == [None]


def test_without_the_net_it_does(database: Database, alice: UUID) -> None:
    """Shows that the test above can fail."""
    assert _users_of_next_client(database, alice, database.cluster.pooler.port) == [alice]


def _sessions_of_next_client(database: Database, port: int) -> list[str | None]:
    dsn = f"host=127.0.0.1 port={port} dbname={database.name} user={login('client')}"
    with psycopg.connect(f"{dsn} password={PASSWORD}", prepare_threshold=None) as db:
        db.execute("select set_config('app.session', 'left behind', false)")
    with psycopg.connect(f"{dsn} password={PASSWORD}", prepare_threshold=None) as db:
        return [row[0] or None for row in db.execute("select current_setting('app.session', true)")]


def test_a_session_left_behind_does_not_hinder_the_next_client(
    database: Database, as_shipped: PgBouncer
) -> None:
    """It would be nobody to him, whatever user his login is mapped to."""
    assert _sessions_of_next_client(database, as_shipped.port) == [None]


def test_without_the_net_it_hinders_him(database: Database) -> None:
    """Shows that the test above can fail."""
    assert _sessions_of_next_client(database, database.cluster.pooler.port) == ["left behind"]
