"""Versions: every state a memory ever had, without a gap and without an overlap."""

from __future__ import annotations

import random
import threading
import time
from datetime import datetime
from itertools import pairwise
from uuid import UUID

import pytest

from acting import Connection, Database

# When a state began, when it ended, its number, its text, its trust.
State = tuple[datetime, datetime | None, int, str, float]
STATES = "select valid_from, valid_until, version, content, trust from memoriesdb.history(%s)"


def _check_periods(states: list[State]) -> None:
    assert [state[2] for state in states] == list(range(1, len(states) + 1))
    for state, following in pairwise(states):
        assert state[1] == following[0]
        assert state[0] < following[0]


def _states(db: Connection, memory_id: UUID) -> list[State]:
    return db.execute(STATES, (memory_id,)).fetchall()


def test_two_updates_in_one_transaction_are_two_states(database: Database, alice: UUID) -> None:
    """By now() the first of them would have had an empty period."""
    with database.acting(alice) as db:
        row = db.execute("select memoriesdb.remember('one')").fetchone()
        assert row is not None
        for text in ("two", "three"):
            db.execute("update memoriesdb.memories set content = %s", (text,))
        db.execute("update memoriesdb.memories set trust = 1")
    with database.acting(alice) as db:
        states = _states(db, row[0])
    _check_periods(states)
    assert [state[3] for state in states] == ["one", "two", "three", "three"]
    assert states[-1][1] is None


def test_a_long_transaction_that_updates_after_a_later_one(database: Database, alice: UUID) -> None:
    """The earlier transaction's time lies before the state that it ends."""
    memory_id = database.remember(alice, "one")
    early = database.connect("app")
    early.execute("select memoriesdb.set_user(%s)", (alice,))
    early.execute("select now()")
    for text in ("two", "three"):
        with database.acting(alice) as late:
            late.execute("update memoriesdb.memories set content = %s", (text,))
    early.execute("update memoriesdb.memories set content = 'four'")
    early.commit()
    with database.acting(alice) as db:
        states = _states(db, memory_id)
    _check_periods(states)
    assert [state[3] for state in states] == ["one", "two", "three", "four"]


def test_a_clock_that_is_set_back_makes_no_overlap(database: Database, alice: UUID) -> None:
    """As if the state had begun in an hour: the next one begins after it nevertheless."""
    memory_id = database.remember(alice, "one")
    with database.superuser() as db:
        db.execute("alter table memoriesdb.memories disable trigger user")
        db.execute(
            "update memoriesdb.memories set updated_at = clock_timestamp() + interval '1 hour'"
        )
        db.execute("alter table memoriesdb.memories enable always trigger _100_stamp")
        db.execute("alter table memoriesdb.memories enable always trigger _500_version_update")
        db.execute("alter table memoriesdb.memories enable always trigger _500_version_delete")
    with database.acting(alice) as app:
        for text in ("two", "three"):
            app.execute("update memoriesdb.memories set content = %s", (text,))
        _check_periods(_states(app, memory_id))
        app.execute("delete from memoriesdb.memories")
        states = _states(app, memory_id)
        _check_periods(states)
        assert len(states) == 3


def test_writers_at_the_same_time(database: Database, alice: UUID) -> None:
    memory_id = database.remember(alice, "start")

    def edit(n: int) -> None:
        for i in range(8):
            with database.acting(alice) as db:
                db.execute("update memoriesdb.memories set content = %s", (f"{n} {i}",))
                db.execute("update memoriesdb.memories set trust = %s", (i / 10,))

    writers = [threading.Thread(target=edit, args=(n,)) for n in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with database.acting(alice) as db:
        states = _states(db, memory_id)
        assert len(states) == 1 + 4 * 8 * 2
        _check_periods(states)
        assert db.execute("select * from memoriesdb.verify_memories()").fetchall() == []


def test_as_of_gives_what_was_there(database: Database, alice: UUID, bob: UUID) -> None:
    """Compared with what was read at that time, over random writes."""
    rng = random.Random(11)
    database.remember(bob, "bob wrote")
    seen: list[tuple[datetime, list[tuple[object, ...]]]] = []
    columns = "content, trust, metadata, forgotten_at, version"
    for step in range(40):
        with database.acting(alice) as db:
            write = rng.choice(
                (
                    f"select memoriesdb.remember('step {step}')",
                    "update memoriesdb.memories set content = content || '.', trust = random()",
                    f"update memoriesdb.memories set metadata = '{{\"n\": {step}}}' "
                    f"where seq % 3 = {step % 3}",
                    "select memoriesdb.forget(id) from memoriesdb.memories "
                    f"where seq % 4 = {step % 4}",
                    "select memoriesdb.restore(id) from memoriesdb.memories where seq % 2 = 0",
                    f"delete from memoriesdb.memories where seq % 7 = {step % 7}",
                )
            )
            db.execute(write.encode())
        time.sleep(0.001)
        with database.acting(alice) as db:
            at = db.execute("select clock_timestamp()").fetchone()
            assert at is not None
            rows = db.execute(f"select id, {columns} from memoriesdb.memories order by seq")
            seen.append((at[0], rows.fetchall()))
        time.sleep(0.001)
    with database.acting(alice) as db:
        for at_time, rows_then in seen:
            query = f"select memory_id, {columns} from memoriesdb.as_of(%s)"
            assert db.execute(query, (at_time,)).fetchall() == rows_then
        assert db.execute("select * from memoriesdb.as_of('-infinity')").fetchall() == []
        assert len(db.execute("select * from memoriesdb.as_of('infinity')").fetchall()) == len(
            seen[-1][1]
        )
    with database.acting(bob) as db:
        found = db.execute("select content from memoriesdb.as_of(%s)", (seen[-1][0],))
        assert found.fetchall() == [("bob wrote",)]


def test_history_outlives_the_memory_and_is_the_owners(
    database: Database, alice: UUID, bob: UUID
) -> None:
    memory_id = database.remember(alice, "one")
    with database.acting(alice) as db:
        db.execute("select memoriesdb.share(%s, %s, 'write')", (memory_id, bob))
        db.execute("update memoriesdb.memories set content = 'two'")
    with database.acting(bob) as db:
        assert db.execute("update memoriesdb.memories set content = 'three'").rowcount == 1
        assert db.execute("select * from memoriesdb.history(%s)", (memory_id,)).fetchall() == []
    with database.acting(alice) as db:
        db.execute("delete from memoriesdb.memories")
        rows = db.execute(
            "select content, operation, updated_by, encode(content_hash, 'hex') = "
            "encode(sha256(convert_to(content, 'UTF8')), 'hex') from memoriesdb.history(%s)",
            (memory_id,),
        ).fetchall()
    assert rows == [
        ("one", "UPDATE", alice, True),
        ("two", "UPDATE", alice, True),
        ("three", "DELETE", bob, True),
    ]


@pytest.mark.parametrize("isolation", ["repeatable read", "serializable"])
def test_stricter_isolation_fails_rather_than_tears(
    database: Database, alice: UUID, isolation: str
) -> None:
    memory_id = database.remember(alice, "one")
    early = database.connect("app")
    early.execute(f"set transaction isolation level {isolation}")
    early.execute("select memoriesdb.set_user(%s)", (alice,))
    early.execute("select * from memoriesdb.memories")
    with database.acting(alice) as late:
        late.execute("update memoriesdb.memories set content = 'two'")
    error = None
    try:
        early.execute("update memoriesdb.memories set content = 'three'")
        early.commit()
    except Exception as raised:
        error = getattr(raised, "sqlstate", None)
    assert error == "40001"
    early.rollback()
    with database.acting(alice) as db:
        assert [state[3] for state in _states(db, memory_id)] == ["one", "two"]
