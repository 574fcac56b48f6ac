"""What a client leaves in the backend it gives back, and what the next one can do with it."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest

from acting import Connection, Database


@pytest.fixture
def pair(database: Database, alice: UUID, bob: UUID) -> tuple[Connection, Connection]:
    """Two clients of one login, and so of one pool, with one backend between them."""
    database.remember(alice, "alice wrote")
    database.remember(bob, "bob wrote")
    first, second = database.connect("app"), database.connect("app")
    backends = []
    for client in (first, second):
        backends.append(client.execute("select pg_backend_pid()").fetchone())
        client.commit()
    assert backends[0] == backends[1]
    return first, second


def _act(db: Connection, user_id: UUID) -> None:
    db.execute("select memoriesdb.set_user(%s)", (user_id,))


def test_a_prepared_statement_of_one_runs_for_the_other_as_the_other(
    pair: tuple[Connection, Connection], alice: UUID, bob: UUID
) -> None:
    first, second = pair
    _act(first, alice)
    first.execute("prepare left_behind as select content from memoriesdb.memories")
    assert first.execute("execute left_behind").fetchall() == [("alice wrote",)]
    first.commit()
    _act(second, bob)
    assert second.execute("execute left_behind").fetchall() == [("bob wrote",)]
    second.rollback()
    assert second.execute("execute left_behind").fetchall() == []


def test_temporary_tables_cannot_be_left_since_none_can_be_made(
    pair: tuple[Connection, Connection], alice: UUID
) -> None:
    first, _ = pair
    _act(first, alice)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        first.execute("create temp table left_behind as select * from memoriesdb.memories")


def test_an_advisory_lock_left_behind_stops_no_writer(
    database: Database, pair: tuple[Connection, Connection], alice: UUID, bob: UUID
) -> None:
    first, _ = pair
    _act(first, alice)
    first.execute("select pg_advisory_lock(1), pg_advisory_lock(hashtext('memoriesdb'))")
    first.commit()
    for user in (alice, bob):
        memory_id = database.remember(user, "goes on")
        with database.acting(user) as db:
            assert db.execute("select memoriesdb.forget(%s)", (memory_id,)).fetchone() == (True,)


def test_session_settings_left_behind_fail_closed(
    pair: tuple[Connection, Connection], alice: UUID, bob: UUID
) -> None:
    """A next client may be hindered by them; it never sees what is not its user's."""
    first, second = pair
    for setting in (
        "role memoriesdb_app",
        "search_path = pg_temp, public, memoriesdb",
        "row_security = off",
        "plan_cache_mode = force_generic_plan",
        "transform_null_equals = on",
        "timezone = 'Asia/Kathmandu'",
        "datestyle = 'german'",
        "extra_float_digits = -15",
        "bytea_output = 'escape'",
        "default_text_search_config = 'simple'",
    ):
        first.execute(f"set {setting}".encode())
        first.commit()
        try:
            _act(second, bob)
            assert second.execute("select content from memoriesdb.memories").fetchall() == [
                ("bob wrote",)
            ]
        except psycopg.errors.InsufficientPrivilege:
            assert setting == "row_security = off"
        second.rollback()
        first.execute("reset all; reset role")
        first.commit()


def test_settings_change_neither_hashes_nor_the_audit(
    database: Database, pair: tuple[Connection, Connection], alice: UUID
) -> None:
    """What is written under odd settings verifies under others."""
    first, _ = pair
    for n, setting in enumerate(
        (
            "timezone = 'Asia/Kathmandu'; set datestyle = 'sql, dmy'",
            "extra_float_digits = -15; set bytea_output = 'escape'; set lc_numeric = 'C'",
            "default_text_search_config = 'simple'; set xmloption = 'document'",
        )
    ):
        first.execute(f"set {setting}".encode())
        _act(first, alice)
        first.execute(
            "insert into memoriesdb.memories (content, importance, occurred_at, metadata) "
            "values (%s, 0.1234567, '2024-02-29 12:34:56.789+05:45', "
            '\'{"speaker": "Ada", "x": 0.1}\')',
            (f"number {n}",),
        )
        first.execute("update memoriesdb.memories set trust = 0.7654321")
        first.commit()
        first.execute("reset all")
        first.commit()
    with database.acting(alice) as db:
        assert db.execute("select * from memoriesdb.verify_memories()").fetchall() == []
        kept = db.execute(
            "select distinct after ->> 'occurred_at', after ->> 'importance' "
            "from memoriesdb.audit_payloads where after ->> 'content' like 'number%'"
        ).fetchall()
    assert kept == [("2024-02-29T06:49:56.789+00:00", "0.1234567")]


def test_a_holdable_cursor_is_left_with_the_rows_of_who_opened_it(
    database: Database, pair: tuple[Connection, Connection], alice: UUID, bob: UUID
) -> None:
    """A limit of pooling: such a cursor outlives its transaction, with its rows.

    Only the login that opened it can come by it (pools are by login), and only if the application
    itself opens one. Other logins never share the backend.
    """
    first, second = pair
    _act(first, alice)
    first.execute(
        "declare left_behind cursor with hold for select content from memoriesdb.memories"
    )
    first.commit()
    _act(second, bob)
    assert second.execute("fetch all from left_behind").fetchall() == [("alice wrote",)]
    second.rollback()
    with database.connect("client") as client, pytest.raises(psycopg.errors.InvalidCursorName):
        client.execute("fetch all from left_behind")
    second.execute("close all")
    second.commit()


def test_logins_never_share_a_backend(database: Database) -> None:
    backends: dict[int, str] = {}
    for _ in range(3):
        for role in ("app", "client", "worker", "admin", "auditor"):
            with database.connect(role) as db:
                row = db.execute("select pg_backend_pid(), session_user").fetchone()
            assert row is not None
            assert backends.setdefault(row[0], row[1]) == row[1]
    assert len(backends) >= 5


def test_notifications_reach_nobody_with_contents(database: Database, alice: UUID) -> None:
    """Nothing is notified by a write: a listener of any login hears nothing."""
    listener = database.connect("client", pooled=False, autocommit=True)
    for channel in ("memoriesdb", "memories", "embedding_schedule", "audit_log"):
        listener.execute(f"listen {channel}")
    memory_id = database.remember(alice, "secret")
    with database.acting(alice) as db:
        db.execute("select memoriesdb.forget(%s)", (memory_id,))
    assert list(listener.notifies(timeout=0.2)) == []


def test_discarding_everything_harms_nobody(
    pair: tuple[Connection, Connection], alice: UUID
) -> None:
    first, second = pair
    first.commit()
    first.autocommit = True
    first.execute("discard all")
    _act(second, alice)
    assert second.execute("select content from memoriesdb.memories").fetchall() == [
        ("alice wrote",)
    ]
