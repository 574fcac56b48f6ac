"""Writers, workers and kill -9 at once: in the end every last text is embedded."""

import random
import signal
import threading
import time
from collections.abc import Callable
from uuid import UUID

import psycopg
import pytest

from acting import Connection, Database
from queues.endpoint import Endpoint
from queues.support import Start, check_embedded, jobs_left, register, until, value

SECONDS = 5.0
WORKERS = 3


def some_memory(db: Connection, choice: random.Random) -> UUID | None:
    rows = db.execute("select id from memoriesdb.memories").fetchall()
    found: UUID | None = choice.choice(rows)[0] if rows else None
    return found


def write(db: Connection, choice: random.Random, others: list[UUID]) -> None:
    """One change by the user of this transaction."""
    text = f"text {choice.randrange(10)}"
    memory_id = some_memory(db, choice)
    action = choice.choices(
        ["remember", "edit", "edit all", "forget", "transfer", "delete"], [4, 6, 1, 1, 1, 1]
    )[0]
    if action == "remember" or memory_id is None:
        db.execute("select memoriesdb.remember(%s)", (text,))
    elif action == "edit":
        db.execute("update memoriesdb.memories set content = %s where id = %s", (text, memory_id))
    elif action == "edit all":
        db.execute("update memoriesdb.memories set content = content || '!'")
    elif action == "forget":
        db.execute("select memoriesdb.forget(%s)", (memory_id,))
    elif action == "transfer":
        db.execute("select memoriesdb.transfer(%s, %s)", (memory_id, choice.choice(others)))
    else:
        db.execute("delete from memoriesdb.memories where id = %s", (memory_id,))


def keep_writing(
    database: Database, user_id: UUID, others: list[UUID], seed: int, errors: list[psycopg.Error]
) -> None:
    """Transactions of one or two changes, some of them slow, some rolled back."""
    choice = random.Random(seed)
    end = time.monotonic() + SECONDS
    with psycopg.connect(database.dsn("app"), autocommit=True, prepare_threshold=None) as db:
        while time.monotonic() < end:
            try:
                with db.transaction(force_rollback=choice.random() < 0.1):
                    db.execute("select memoriesdb.set_user(%s)", (user_id,))
                    for _ in range(choice.choice([1, 1, 2])):
                        write(db, choice, others)
                        time.sleep(choice.choice([0, 0, 0.01, 0.05]))
            except psycopg.Error as error:
                errors.append(error)


def test_a_storm_ends_with_every_text_embedded(
    database: Database, alice: UUID, bob: UUID, endpoint: Endpoint, start: Start
) -> None:
    register(database, endpoint.url)
    users = [alice, bob, database.create_user("carol")]
    errors: list[psycopg.Error] = []
    threads = [
        threading.Thread(
            target=keep_writing,
            args=(database, user_id, [u for u in users if u != user_id], seed, errors),
        )
        for seed, user_id in enumerate(users)
    ]

    def run_worker() -> Callable[[], None]:
        worker = start("embedding", batch=4, lease_seconds=2)
        return lambda: worker.send_signal(signal.SIGKILL)

    kills = [run_worker() for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    choice = random.Random(7)
    while any(thread.is_alive() for thread in threads):
        time.sleep(0.7)
        kills.pop(choice.randrange(WORKERS))()
        kills.append(run_worker())
    for thread in threads:
        thread.join()
    until(lambda: jobs_left(database) == 0, 30)
    check_embedded(database)
    with database.superuser() as db:
        assert value(db, "select count(*) from memoriesdb.memories") > 0
        assert db.execute("select * from memoriesdb.verify_memories()").fetchall() == []
    # Two users' transactions may meet in a deadlock of their own making; workers cause none.
    assert errors == []


@pytest.mark.usefixtures("alice")
def test_the_end_check_sees_a_lost_job(
    database: Database, bob: UUID, endpoint: Endpoint, start: Start
) -> None:
    register(database, endpoint.url)
    database.remember(bob, "text")
    with database.superuser() as db:
        db.execute("delete from memoriesdb.embedding_schedule")
    with pytest.raises(AssertionError):
        check_embedded(database)
