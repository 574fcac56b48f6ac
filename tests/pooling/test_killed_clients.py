"""A client that dies at any point of its transaction leaves nothing half done, and no user."""

from __future__ import annotations

import os
import socket
import time
from uuid import UUID

import psycopg
import pytest

from acting import Connection, Database

MOMENTS = (
    "after begin",
    "after set_user",
    "after write",
    "while a statement runs",
    "during commit",
)


def _kill(client: Connection) -> None:
    """Cut the connection as the death of its process does: no goodbye."""
    fd = os.dup(client.fileno())
    wire = socket.socket(fileno=fd)
    wire.shutdown(socket.SHUT_RDWR)
    wire.close()


def _die(database: Database, user_id: UUID, moment: str) -> int:
    """Write a memory, dying at the moment; give back the backend's pid."""
    client = psycopg.connect(database.dsn("app"), prepare_threshold=None)
    row = client.execute("select pg_backend_pid()").fetchone()
    assert row is not None
    pid: int = row[0]
    if moment != "after begin":
        client.execute("select memoriesdb.set_user(%s)", (user_id,))
    if moment in ("after write", "while a statement runs", "during commit"):
        client.execute("select memoriesdb.remember('half done')")
    if moment == "while a statement runs":
        client.pgconn.send_query(b"select pg_sleep(0.3)")
    if moment == "during commit":
        client.pgconn.send_query(b"commit")
    _kill(client)
    with pytest.raises(psycopg.OperationalError):
        client.execute("select 1")
    client.close()
    return pid


@pytest.mark.parametrize("moment", MOMENTS)
def test_nothing_is_left_of_a_killed_client(
    database: Database, alice: UUID, bob: UUID, moment: str
) -> None:
    database.remember(bob, "bob wrote")
    for _ in range(3):
        _die(database, alice, moment)
        with psycopg.connect(database.dsn("app"), prepare_threshold=None) as db:
            found = db.execute(
                "select memoriesdb.current_user_id(), count(*) from memoriesdb.memories"
            )
            assert found.fetchone() == (None, 0)
            db.execute("select memoriesdb.set_user(%s)", (bob,))
            rows = db.execute("select content from memoriesdb.memories")
            assert rows.fetchall() == [("bob wrote",)]
    _no_transaction_is_open(database)
    # All or nothing: the memory, its audit entry and its payload are there together.
    superuser = database.superuser()
    kept = superuser.execute("select count(*) from memoriesdb.memories").fetchone()
    audited = superuser.execute(
        "select count(*) from memoriesdb.audit_log join memoriesdb.audit_payloads using (audit_id) "
        "where table_name = 'memories'"
    ).fetchone()
    assert kept == audited
    if moment != "during commit":
        assert kept == (1,)


def _no_transaction_is_open(database: Database) -> None:
    """The pool ends what the dead client had begun."""
    superuser = database.superuser()
    deadline = time.monotonic() + 10
    while True:
        row = superuser.execute(
            "select count(*) from pg_stat_activity where datname = current_database() "
            "and usename = 'test_app' and xact_start is not null"
        ).fetchone()
        if row == (0,):
            return
        assert time.monotonic() < deadline, "a transaction of the killed client is open"
        time.sleep(0.05)


def test_a_killed_backend_leaves_no_user_and_nothing_half_done(
    database: Database, alice: UUID
) -> None:
    client = database.connect("app")
    client.execute("select memoriesdb.set_user(%s)", (alice,))
    client.execute("select memoriesdb.remember('half done')")
    row = client.execute("select pg_backend_pid()").fetchone()
    database.superuser().execute("select pg_terminate_backend(%s)", row)
    with pytest.raises(psycopg.OperationalError):
        client.execute("select 1")
    with psycopg.connect(database.dsn("app"), prepare_threshold=None) as db:
        found = db.execute("select memoriesdb.current_user_id(), pg_backend_pid()").fetchone()
        assert found is not None
        assert found[0] is None
        assert found[1:] != row
    assert database.superuser().execute("select from memoriesdb.memories").rowcount == 0
