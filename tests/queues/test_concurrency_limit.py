"""A provider that bears so many batches at once is given no more, however many workers ask."""

import threading
import time
from uuid import UUID

import psycopg
import pytest

from acting import Connection, Database
from queues.support import register, value
from queues.test_lost_job_race import weaken

MODEL_AWAY = "http://127.0.0.1:9"
Batch = list[tuple[int, int, bytes]]


def limit(database: Database, model_id: UUID, most: int | None) -> None:
    with database.superuser() as db:
        db.execute(
            "update memoriesdb.embedding_models set max_concurrency = %s where id = %s",
            (most, model_id),
        )


def fill(database: Database, user_id: UUID, count: int) -> None:
    with database.acting(user_id) as db:
        db.execute(
            "insert into memoriesdb.memories (content) "
            "select 'text ' || n from generate_series(1, %s) as n",
            (count,),
        )


def claim(worker: Connection, batch: int = 2, lease: str = "2 min") -> Batch:
    return worker.execute(
        "select job_id, lease_token, text_hash from memoriesdb.claim_embeddings('w', %s, %s)",
        (batch, lease),
    ).fetchall()


def complete(worker: Connection, jobs: Batch) -> None:
    worker.execute(
        "select count(*) from memoriesdb.complete_embeddings("
        "'w', %s, %s, %s, array_fill('[1,1,1,1]'::public.vector, array[%s]))",
        (*map(list, zip(*jobs, strict=True)), len(jobs)),
    )


def test_parallel_workers_hold_no_more_batches_than_that(database: Database, alice: UUID) -> None:
    limit(database, register(database, MODEL_AWAY), 2)
    fill(database, alice, 24)
    held: list[int] = []
    count, lock = 0, threading.Lock()

    def work() -> None:
        nonlocal count
        with psycopg.connect(
            database.dsn("worker"), autocommit=True, prepare_threshold=None
        ) as worker:
            idle = 0
            while idle < 20:
                jobs = claim(worker)
                if not jobs:
                    idle += 1
                    time.sleep(0.01)
                    continue
                idle = 0
                with lock:
                    count += 1
                    held.append(count)
                # Until another one holds a batch beside this, or seems not to come.
                end = time.monotonic() + 0.5
                while count < 2 and time.monotonic() < end:
                    time.sleep(0.002)
                with lock:
                    count -= 1
                complete(worker, jobs)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(held) == 12
    assert max(held) == 2
    with database.superuser() as db:
        assert value(db, "select count(*) from memoriesdb.memory_embeddings") == 24


@pytest.mark.parametrize("is_locked", [True, False])
def test_a_claim_counts_the_one_that_has_not_committed_yet(
    database: Database, alice: UUID, is_locked: bool
) -> None:
    """Without the lock it does not, which shows that this test can see it."""
    limit(database, register(database, MODEL_AWAY), 1)
    if not is_locked:
        weaken(database, "_lock_limited_models", "for no key update", "")
    fill(database, alice, 8)
    first = database.connect("worker", pooled=False)
    assert len(claim(first)) == 2
    second: list[Batch] = []
    worker = database.connect("worker", pooled=False, autocommit=True)
    thread = threading.Thread(target=lambda: second.append(claim(worker)))
    thread.start()
    thread.join(0.5)
    assert thread.is_alive() is is_locked
    first.commit()
    thread.join(10)
    assert [len(batch) for batch in second] == [0 if is_locked else 2]


def test_a_batch_gives_its_place_back_however_it_ends(database: Database, alice: UUID) -> None:
    limit(database, register(database, MODEL_AWAY), 1)
    fill(database, alice, 20)
    worker = database.connect("worker", autocommit=True)
    done = claim(worker)
    assert len(done) == 2
    assert claim(worker) == []
    complete(worker, done[:1])
    assert claim(worker) == []
    complete(worker, done[1:])

    failed = claim(worker)
    for job_id, token, _ in failed:
        worker.execute("select memoriesdb.fail_embedding('w', %s, %s, 'no')", (job_id, token))

    returned = claim(worker)
    assert len(returned) == 2
    worker.execute(
        "select memoriesdb.release_embeddings('w', %s, %s)",
        ([job[0] for job in returned], [job[1] for job in returned]),
    )

    assert len(claim(worker, lease="1 s")) == 2
    assert claim(worker) == []
    time.sleep(1.05)
    assert len(claim(worker)) == 2


def test_no_limit_is_none(database: Database, alice: UUID) -> None:
    model_id = register(database, MODEL_AWAY)
    fill(database, alice, 10)
    worker = database.connect("worker", autocommit=True)
    assert [len(claim(worker)) for _ in range(2)] == [2, 2]
    # What is held counts from when there is one.
    limit(database, model_id, 2)
    assert claim(worker) == []
    limit(database, model_id, None)
    assert len(claim(worker)) == 2


def test_a_model_at_its_limit_does_not_hold_up_another(database: Database, alice: UUID) -> None:
    first = register(database, MODEL_AWAY, "first")
    second = register(database, MODEL_AWAY, "second", activate=False)
    limit(database, first, 1)
    fill(database, alice, 40)
    worker = database.connect("worker", autocommit=True)
    claimed = [
        row[0]
        for _ in range(8)
        for row in worker.execute(
            "select model_id from memoriesdb.claim_embeddings('w', 10)"
        ).fetchall()
    ]
    assert claimed.count(second) == 40
    assert 0 < claimed.count(first) <= 10


def test_who_would_not_see_what_others_hold_is_refused(database: Database) -> None:
    model_id = register(database, MODEL_AWAY)
    worker = database.connect("worker", pooled=False)
    worker.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    assert claim(worker) == []
    worker.rollback()
    limit(database, model_id, 1)
    with pytest.raises(psycopg.Error) as caught:
        claim(worker)
    assert caught.value.sqlstate == "MD110"


def test_writers_do_not_wait_for_a_claim(database: Database, alice: UUID) -> None:
    """A job references its model, and a claim locks a model that has a limit."""
    limit(database, register(database, MODEL_AWAY), 1)
    fill(database, alice, 4)
    worker = database.connect("worker", pooled=False)
    assert len(claim(worker)) == 2
    with database.acting(alice) as db:
        db.execute("set local lock_timeout = '1s'")
        db.execute("insert into memoriesdb.memories (content) values ('meanwhile')")


def test_an_admin_sets_the_limit_and_changes_it(database: Database) -> None:
    for most in (1, 3, None):
        database.administer(
            "add_embedding_model('m', 'ollama', 'http://127.0.0.1:9', 4, max_concurrency => %s)",
            most,
        )
        with database.connect("admin") as db:
            assert value(db, "select max_concurrency from memoriesdb.embedding_models") == most
