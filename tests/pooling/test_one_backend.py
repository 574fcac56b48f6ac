"""Many clients, many users, one backend: the pool lends it for a transaction at a time."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import psycopg
import pytest

from acting import Connection, Database

LOOK = "select pg_backend_pid(), array_agg(distinct owner_id), count(*) from memoriesdb.memories"


@pytest.fixture
def users(database: Database) -> list[UUID]:
    """Users with as many memories as their place in the list says, from one on."""
    ids = []
    for n in range(1, 9):
        user_id = database.create_user(f"user {n}")
        with database.acting(user_id) as db:
            db.execute(
                "insert into memoriesdb.memories (content) "
                "select 'a memory' from generate_series(1, %s)",
                (n,),
            )
        ids.append(user_id)
    return ids


def _connect(database: Database, count: int) -> list[Connection]:
    return [database.connect("app") for _ in range(count)]


def test_no_client_reads_anothers_rows_on_the_backend_they_share(
    database: Database, users: list[UUID]
) -> None:
    clients = _connect(database, len(users))
    backends = set()
    rng = random.Random(7)
    for _ in range(50):
        n = rng.randrange(len(users))
        clients[n].execute("select memoriesdb.set_user(%s)", (users[n],))
        row = clients[n].execute(LOOK).fetchone()
        assert row is not None
        assert row[1:] == ([users[n]], n + 1)
        backends.add(row[0])
        clients[n].commit()
        # And whoever comes without a user sees nothing.
        assert clients[n - 1].execute("select from memoriesdb.memories").rowcount == 0
        clients[n - 1].commit()
    assert len(backends) == 1


def test_with_the_session_set_they_would(database: Database, users: list[UUID]) -> None:
    """Shows that the test above can fail: the pool does not keep session-level SET apart."""
    first, second = _connect(database, 2)
    first.execute("select set_config('app.current_user', %s, false)", (str(users[0]),))
    first.commit()
    wrong = second.execute(LOOK).fetchone()
    assert wrong is not None
    assert wrong[1] == [users[0]]


def test_clients_at_the_same_time_never_mix(database: Database, users: list[UUID]) -> None:
    """More clients than backends, each with its own thread and transactions of random length."""

    def work(n: int) -> list[int]:
        rng = random.Random(n)
        user, backends = n % len(users), []
        with psycopg.connect(database.dsn("app"), prepare_threshold=None) as db:
            for _ in range(12):
                db.execute("select memoriesdb.set_user(%s)", (users[user],))
                for _ in range(rng.randrange(1, 4)):
                    row = db.execute(LOOK).fetchone()
                    assert row is not None
                    assert row[1:] == ([users[user]], user + 1)
                    backends.append(row[0])
                if rng.random() < 0.3:
                    db.rollback()
                else:
                    db.commit()
        return backends

    with ThreadPoolExecutor(32) as pool:
        done = list(pool.map(work, range(32)))
    # There were backends that served several clients, or this proves nothing.
    owners = {
        pid: {n for n, pids in enumerate(done) if pid in pids} for pids in done for pid in pids
    }
    assert max(len(served) for served in owners.values()) > 1


def test_a_failed_transaction_leaves_no_user(database: Database, users: list[UUID]) -> None:
    first, second = _connect(database, 2)
    first.execute("select memoriesdb.set_user(%s)", (users[0],))
    backend = first.execute("select pg_backend_pid()").fetchone()
    with pytest.raises(psycopg.errors.DivisionByZero):
        first.execute("select 1 / 0")
    first.rollback()
    assert second.execute("select pg_backend_pid()").fetchone() == backend
    assert second.execute(LOOK).fetchone() == (*(backend or ()), None, 0)


def test_a_savepoint_that_is_rolled_back_takes_its_user_along(
    database: Database, users: list[UUID]
) -> None:
    db = database.connect("app")
    db.execute("select memoriesdb.set_user(%s)", (users[0],))
    db.execute("savepoint s")
    db.execute("select memoriesdb.set_user(%s)", (users[1],))
    db.execute("rollback to savepoint s")
    found = db.execute("select memoriesdb.current_user_id()").fetchone()
    assert found == (users[0],)


def test_several_statements_in_one_message_are_one_transaction(
    database: Database, users: list[UUID]
) -> None:
    """A simple query with autocommit: the setting holds for the message, not after it."""
    db = database.connect("app", autocommit=True)
    cursor = db.execute(
        f"select memoriesdb.set_user('{users[0]}'); select count(*) from memoriesdb.memories"
    )
    cursor.nextset()
    assert cursor.fetchone() == (1,)
    assert db.execute("select count(*) from memoriesdb.memories").fetchone() == (0,)
    # After a COMMIT inside the message the user is gone, too.
    cursor = db.execute(
        f"begin; select memoriesdb.set_user('{users[0]}'); commit; "
        "select count(*) from memoriesdb.memories"
    )
    for _ in range(3):
        cursor.nextset()
    assert cursor.fetchone() == (0,)
