"""What a lost worker held comes back, also where nobody claims."""

import time
from uuid import UUID

from acting import Connection, Database
from queues.support import register, set_setting, value


def beat(worker: Connection) -> None:
    worker.execute("select memoriesdb.worker_heartbeat('another', 'sealing', '999.0.0')")


def claim(worker: Connection, lease: str = "1 s") -> list[tuple[int, int]]:
    return worker.execute(
        "select job_id, lease_token from memoriesdb.claim_embeddings('w', 10, %s)", (lease,)
    ).fetchall()


def status(database: Database) -> tuple[object, ...] | None:
    with database.connect("admin", autocommit=True) as db:
        return db.execute(
            "select due, waiting, claimed, expired, dead from memoriesdb.queue_status "
            "where queue = 'embedding'"
        ).fetchone()


def test_a_heartbeat_of_any_worker_takes_back_what_a_lost_one_held(
    database: Database, alice: UUID
) -> None:
    register(database, "http://127.0.0.1:9")
    database.remember(alice, "text")
    worker = database.connect("worker", autocommit=True)
    ((job_id, token),) = claim(worker)
    assert status(database) == (0, 0, 1, 0, 0)
    time.sleep(1.05)
    assert status(database) == (0, 0, 1, 1, 0)
    beat(worker)
    assert status(database) == (1, 0, 0, 0, 0)
    outcome = value(worker, "select memoriesdb.fail_embedding('w', %s, %s, 'late')", job_id, token)
    assert outcome == "refused"
    assert [job[0] for job in claim(worker)] == [job_id]


def test_a_job_whose_worker_is_lost_every_time_ends_as_a_dead_letter_without_a_claim(
    database: Database, alice: UUID
) -> None:
    set_setting(database, "max_attempts", "1")
    register(database, "http://127.0.0.1:9")
    database.remember(alice, "text")
    worker = database.connect("worker", autocommit=True)
    assert len(claim(worker)) == 1
    beat(worker)
    assert status(database) == (0, 0, 1, 0, 0)
    time.sleep(1.05)
    beat(worker)
    assert status(database) == (0, 0, 0, 0, 1)
    with database.connect("admin") as db:
        assert value(db, "select last_error from memoriesdb.dead_letters()") == (
            "the worker was lost every time"
        )


def test_an_admin_reaps_by_hand(database: Database, alice: UUID) -> None:
    register(database, "http://127.0.0.1:9")
    for number in range(3):
        database.remember(alice, f"text {number}")
    worker = database.connect("worker", autocommit=True)
    assert len(claim(worker)) == 3
    time.sleep(1.05)
    with database.connect("admin", autocommit=True) as db:
        assert value(db, "select memoriesdb.reap_embeddings(2)") == 2
        assert value(db, "select memoriesdb.reap_embeddings()") == 1
        assert value(db, "select memoriesdb.reap_embeddings()") == 0
    assert len(claim(worker)) == 3


def test_batches_that_ended_are_forgotten_but_for_the_last(database: Database, alice: UUID) -> None:
    register(database, "http://127.0.0.1:9")
    worker = database.connect("worker", autocommit=True)
    for number in range(3):
        database.remember(alice, f"text {number}")
        claim(worker)
    with database.superuser() as db:
        db.execute(
            "update memoriesdb.embedding_batches set "
            "claimed_at = claimed_at - interval '1 hour', ends_at = ends_at - interval '1 hour'"
        )
    beat(worker)
    with database.superuser() as db:
        assert value(db, "select count(*) from memoriesdb.embedding_batches") == 1


def test_the_rate_and_when_it_will_be_done(database: Database, alice: UUID) -> None:
    """600 in the last five minutes are 120 a minute; the user is not told what others do."""
    register(database, "http://127.0.0.1:9")
    for number in range(4):
        database.remember(alice, f"text {number}")
    worker = database.connect("worker", autocommit=True)
    beats = "select memoriesdb.worker_heartbeat('w', 'embedding', '999.0.0', 'running', %s)"
    worker.execute(beats, (1000,))
    asked = (
        "select oldest_age > interval '0', round(per_minute), round(extract(epoch from eta)) "
        "from memoriesdb.queue_status where queue = 'embedding'"
    )
    with database.connect("admin", autocommit=True) as db:
        assert db.execute(asked).fetchone() == (True, None, None)
        with database.superuser() as superuser:
            superuser.execute(
                "update memoriesdb.worker_heartbeats "
                "set sampled_at = clock_timestamp() - interval '5 minutes'"
            )
        worker.execute(beats, (1600,))
        assert db.execute(asked).fetchone() == (True, 120, 2)
    with database.acting(alice) as mine:
        assert mine.execute(asked).fetchone() == (True, None, None)
    # A worker that began anew counts from nothing.
    worker.execute(beats, (0,))
    with database.connect("admin") as db:
        assert db.execute(asked).fetchone() == (True, None, None)


def test_the_depth_of_a_long_queue_is_an_estimate_from_some_pages(
    database: Database, alice: UUID
) -> None:
    """Of half of them here; dead letters are counted."""
    register(database, "http://127.0.0.1:9")
    with database.acting(alice) as db:
        db.execute(
            "insert into memoriesdb.memories (content) "
            "select 'text ' || n from generate_series(1, 3000) as n"
        )
    worker = database.connect("worker", autocommit=True)
    (job, *_) = claim(worker, "1 min")
    worker.execute("select memoriesdb.fail_embedding('w', %s, %s, 'no', true)", job)
    with database.superuser() as db:
        db.execute(
            "update pg_class set reltuples = 400000 "
            "where oid = 'memoriesdb.embedding_schedule'::regclass"
        )
    row = worker.execute(
        "select pending, dead from memoriesdb.worker_metrics() where queue = 'embedding'"
    ).fetchone()
    assert row is not None
    assert 1000 < row[0] < 5000
    assert row[1] == 1
