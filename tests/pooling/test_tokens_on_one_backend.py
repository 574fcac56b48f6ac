"""Many clients with tokens, one login, one backend: a session ends with its transaction."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import psycopg
import pytest

from acting import Connection, Database

LOGIN = "select memoriesdb.login(%s)"
LOOK = "select pg_backend_pid(), array_agg(distinct owner_id), count(*) from memoriesdb.memories"
BACKEND = "select pg_backend_pid()"


@pytest.fixture
def users(database: Database) -> list[tuple[UUID, str]]:
    """Users with tokens, and as many memories as their place in the list says, from one on."""
    made = []
    for n in range(1, 7):
        user_id = database.create_user(f"user {n}")
        token = database.issue_token(user_id)
        with database.with_token(token) as db:
            db.execute(
                "insert into memoriesdb.memories (content) "
                "select 'a memory' from generate_series(1, %s)",
                (n,),
            )
        made.append((user_id, token))
    return made


def _clients(database: Database, count: int) -> list[Connection]:
    return [database.connect("client") for _ in range(count)]


def test_no_client_reads_anothers_rows_on_the_backend_they_share(
    database: Database, users: list[tuple[UUID, str]]
) -> None:
    clients = _clients(database, len(users))
    backends = set()
    rng = random.Random(7)
    for _ in range(50):
        n = rng.randrange(len(users))
        user_id, token = users[n]
        clients[n].execute(LOGIN, (token,))
        row = clients[n].execute(LOOK).fetchone()
        assert row is not None
        assert row[1:] == ([user_id], n + 1)
        backends.add(row[0])
        clients[n].commit()
        # And whoever comes without a token sees nothing.
        row = clients[n - 1].execute(LOOK).fetchone()
        assert row is not None
        assert row[1:] == (None, 0)
        backends.add(row[0])
        clients[n - 1].commit()
    assert len(backends) == 1


def test_a_session_set_for_the_whole_connection_is_nobody_to_the_next_client(
    database: Database, users: list[tuple[UUID, str]]
) -> None:
    """What leaks with app.current_user (test_one_backend) is of no use when it is signed."""
    first, second = _clients(database, 2)
    first.execute(LOGIN, (users[0][1],))
    first.execute("select set_config('app.session', current_setting('app.session'), false)")
    backend = first.execute(BACKEND).fetchone()
    first.commit()
    # The text is there to be read, and says who it was: the control of this test.
    row = second.execute("select current_setting('app.session'), pg_backend_pid()").fetchone()
    assert row is not None
    assert str(users[0][0]) in row[0]
    assert row[1:] == backend
    assert second.execute(LOOK).fetchone() == (*(backend or ()), None, 0)
    # Nor does it keep anybody from being himself.
    second.execute(LOGIN, (users[1][1],))
    assert second.execute(LOOK).fetchone() == (*(backend or ()), [users[1][0]], 2)
    second.execute("reset app.session")
    second.commit()


def test_clients_at_the_same_time_never_mix(
    database: Database, users: list[tuple[UUID, str]]
) -> None:
    """More clients than backends, each with its own thread and transactions of random length."""

    def work(n: int) -> list[int]:
        rng = random.Random(n)
        place, backends = n % len(users), []
        user_id, token = users[place]
        with psycopg.connect(database.dsn("client"), prepare_threshold=None) as db:
            for _ in range(10):
                db.execute(LOGIN, (token,))
                for _ in range(rng.randrange(1, 4)):
                    row = db.execute(LOOK).fetchone()
                    assert row is not None
                    assert row[1:] == ([user_id], place + 1)
                    backends.append(row[0])
                if rng.random() < 0.3:
                    db.rollback()
                else:
                    db.commit()
        return backends

    with ThreadPoolExecutor(24) as pool:
        done = list(pool.map(work, range(24)))
    served = {
        pid: {n for n, pids in enumerate(done) if pid in pids} for pids in done for pid in pids
    }
    assert max(len(clients) for clients in served.values()) > 1


def test_a_prepared_plan_of_one_serves_the_other_as_the_other(
    database: Database, users: list[tuple[UUID, str]]
) -> None:
    first, second = _clients(database, 2)
    first.execute(LOGIN, (users[0][1],))
    first.execute("set plan_cache_mode = force_generic_plan")
    first.execute("prepare left_behind as select owner_id from memoriesdb.memories")
    assert set(first.execute("execute left_behind").fetchall()) == {(users[0][0],)}
    first.commit()
    second.execute(LOGIN, (users[1][1],))
    assert set(second.execute("execute left_behind").fetchall()) == {(users[1][0],)}
    second.rollback()
    assert second.execute("execute left_behind").fetchall() == []
    second.execute("deallocate all; reset plan_cache_mode")
    second.commit()


@pytest.mark.parametrize("when", ["begun", "logged in", "written"])
def test_a_killed_client_leaves_no_session(
    database: Database, users: list[tuple[UUID, str]], when: str
) -> None:
    client, witness = _clients(database, 2)
    backend = client.execute(BACKEND).fetchone()
    if when != "begun":
        client.execute(LOGIN, (users[0][1],))
    if when == "written":
        client.execute("insert into memoriesdb.memories (content) values ('half')")
    # The socket alone goes, without a word to the server.
    client.pgconn.finish()
    assert witness.execute(LOOK).fetchone()[1:] == (None, 0)  # type: ignore[index]
    witness.commit()
    superuser = database.superuser()
    assert superuser.execute("select from memoriesdb.memories where content = 'half'").rowcount == 0
    assert backend is not None


def test_advisory_locks_and_settings_left_behind_stop_no_login(
    database: Database, users: list[tuple[UUID, str]]
) -> None:
    first, second = _clients(database, 2)
    first.execute("select pg_advisory_lock(1), pg_advisory_lock(hashtext(%s))", (users[1][1],))
    for setting in (
        "app.session = 'garbage'",
        "app.\"current_user\" = 'garbage'",
        "timezone = 'Asia/Kathmandu'",
        "datestyle = 'german'",
        "bytea_output = 'escape'",
        "search_path = pg_temp, public",
    ):
        first.execute(f"set {setting}".encode())
    first.commit()
    second.execute(LOGIN, (users[1][1],))
    row = second.execute(LOOK).fetchone()
    assert row is not None
    assert row[1:] == ([users[1][0]], 2)
    second.execute("reset all")
    second.execute("select pg_advisory_unlock_all()")
    second.commit()
