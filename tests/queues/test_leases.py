"""The queue's functions as a worker calls them: leases, failures, dead letters."""

from typing import Any
from uuid import UUID

import psycopg
import pytest

from acting import Connection, Database
from queues.support import register, set_setting, value

GOOD = "[1,1,1,1]"


@pytest.fixture
def worker(database: Database) -> Connection:
    """The worker's login in autocommit, and a model to work for."""
    register(database, "http://127.0.0.1:9")
    return database.connect("worker", autocommit=True)


Job = tuple[int, int, bytes, int]


def claim(worker: Connection, batch: int = 10, name: str = "w", lease: str = "2 min") -> list[Job]:
    return worker.execute(
        "select job_id, lease_token, text_hash, attempt "
        "from memoriesdb.claim_embeddings(%s, %s, %s)",
        (name, batch, lease),
    ).fetchall()


def complete(worker: Connection, *jobs: Job, vector: str = GOOD, name: str = "w") -> list[str]:
    rows = worker.execute(
        "select job_id, outcome from memoriesdb.complete_embeddings("
        "%s, %s, %s, %s, %s::public.vector[])",
        (
            name,
            [job[0] for job in jobs],
            [job[1] for job in jobs],
            [job[2] for job in jobs],
            "{" + ",".join([f'"{vector}"'] * len(jobs)) + "}",
        ),
    ).fetchall()
    outcomes: dict[int, str] = dict(rows)
    return [outcomes[job[0]] for job in jobs]


def fail(worker: Connection, job: Job, *more: Any) -> str:
    parameters = ("w", job[0], job[1], "no", *more)
    marks = ", ".join(["%s"] * len(parameters))
    outcome: str = value(worker, f"select memoriesdb.fail_embedding({marks})", *parameters)
    return outcome


def release(worker: Connection, job: Job, *more: Any) -> int:
    parameters = ("w", [job[0]], [job[1]], *more)
    marks = ", ".join(["%s"] * len(parameters))
    count: int = value(worker, f"select memoriesdb.release_embeddings({marks})", *parameters)
    return count


def make_due(database: Database) -> None:
    with database.superuser() as db:
        db.execute("update memoriesdb.embedding_schedule set available_at = clock_timestamp()")


def seconds_until_due(database: Database) -> float:
    with database.superuser() as db:
        seconds: float = value(
            db,
            "select extract(epoch from available_at - clock_timestamp())::float "
            "from memoriesdb.embedding_schedule",
        )
    return seconds


def test_a_job_is_claimed_once(database: Database, alice: UUID, worker: Connection) -> None:
    database.remember(alice, "text")
    assert len(claim(worker, name="one")) == 1
    assert claim(worker, name="two") == []


def test_a_later_claim_has_a_greater_token(
    database: Database, alice: UUID, worker: Connection
) -> None:
    database.remember(alice, "text")
    (first,) = claim(worker)
    make_due(database)
    (second,) = claim(worker)
    assert second[1] > first[1]
    assert complete(worker, first) == ["refused"]
    assert fail(worker, first) == "refused"
    assert release(worker, first) == 0
    assert complete(worker, second) == ["stored"]


def test_the_token_alone_is_not_enough(database: Database, alice: UUID, worker: Connection) -> None:
    database.remember(alice, "text")
    (job,) = claim(worker)
    assert complete(worker, job, name="another") == ["refused"]


def test_a_lease_that_has_run_out_is_refused_though_nobody_else_came(
    database: Database, alice: UUID, worker: Connection
) -> None:
    database.remember(alice, "text")
    (job,) = claim(worker)
    make_due(database)
    assert complete(worker, job) == ["refused"]
    assert fail(worker, job) == "refused"
    assert release(worker, job) == 0


def test_completing_twice_writes_once(database: Database, alice: UUID, worker: Connection) -> None:
    """As a worker does that lost the answer to its first call."""
    database.remember(alice, "text")
    (job,) = claim(worker)
    assert complete(worker, job) == ["stored"]
    assert complete(worker, job) == ["refused"]


def test_back_off_grows_and_ends_in_a_dead_letter(
    database: Database, alice: UUID, worker: Connection
) -> None:
    set_setting(database, "max_attempts", "4")
    database.remember(alice, "text")
    for attempt, outcome in enumerate(["retry", "retry", "retry", "dead"], start=1):
        (job,) = claim(worker)
        assert job[3] == attempt
        assert fail(worker, job) == outcome
        if outcome == "retry":
            assert 2**attempt * 0.4 < seconds_until_due(database) < 2**attempt * 1.6
            assert claim(worker) == []
            make_due(database)
    assert claim(worker) == []
    with database.connect("admin") as admin:
        row = admin.execute(
            "select what, due, waiting, claimed, dead, last_error from memoriesdb.queue_status"
        ).fetchone()
    assert row == ("tests", 0, 0, 0, 1, "no")


def test_a_permanent_failure_is_not_tried_again(
    database: Database, alice: UUID, worker: Connection
) -> None:
    database.remember(alice, "text")
    (job,) = claim(worker)
    assert fail(worker, job, True) == "dead"


def test_a_given_time_goes_before_the_back_off(
    database: Database, alice: UUID, worker: Connection
) -> None:
    database.remember(alice, "text")
    (job,) = claim(worker)
    assert fail(worker, job, False, "100 s") == "retry"
    assert 95 < seconds_until_due(database) <= 100


def test_an_admin_requeues_a_dead_letter(
    database: Database, alice: UUID, worker: Connection
) -> None:
    database.remember(alice, "text")
    (job,) = claim(worker)
    fail(worker, job, True)
    with database.connect("admin", autocommit=True) as admin:
        assert value(admin, "select memoriesdb.requeue_embedding(%s)", job[0] + 1) == 0
        assert value(admin, "select memoriesdb.requeue_embedding(%s)", job[0]) == 1
        assert value(admin, "select memoriesdb.requeue_embedding()") == 0
    (again,) = claim(worker)
    assert again[3] == 1
    assert complete(worker, again) == ["stored"]


def test_a_requeued_letter_of_an_edited_memory_is_the_last_text(
    database: Database, alice: UUID, worker: Connection
) -> None:
    database.remember(alice, "text")
    (job,) = claim(worker)
    fail(worker, job, True)
    with database.acting(alice) as db:
        db.execute("update memoriesdb.memories set content = 'another text'")
    with database.connect("admin", autocommit=True) as admin:
        assert value(admin, "select memoriesdb.requeue_embedding()") == 1
    (again,) = claim(worker)
    assert again[2] != job[2]


def test_what_is_given_back_does_not_count(
    database: Database, alice: UUID, worker: Connection
) -> None:
    set_setting(database, "max_attempts", "2")
    database.remember(alice, "text")
    for _ in range(5):
        (job,) = claim(worker)
        assert job[3] == 1
        assert release(worker, job) == 1
    (job,) = claim(worker)
    assert release(worker, job, "the provider is away", "100 s") == 1
    assert claim(worker) == []
    assert 95 < seconds_until_due(database) <= 100


@pytest.mark.parametrize("vector", ["[1,1]", "[0,0,0,0]", "[1e-9,0,0,0]", "[1e5,1,1,1]"])
def test_a_bad_vector_is_a_failure_of_its_text_alone(
    database: Database, alice: UUID, worker: Connection, vector: str
) -> None:
    """Of the wrong length, or one that a halfvec keeps as zero or cannot keep."""
    database.remember(alice, "good")
    database.remember(alice, "bad")
    good, bad = claim(worker)
    row = worker.execute(
        "select array_agg(outcome order by job_id) from memoriesdb.complete_embeddings("
        "'w', %s, %s, %s, array[%s, %s]::public.vector[])",
        ([good[0], bad[0]], [good[1], bad[1]], [good[2], bad[2]], GOOD, vector),
    ).fetchone()
    assert row == (["stored", "invalid"],)
    with database.superuser() as db:
        assert value(db, "select attempts from memoriesdb.embedding_schedule") == 1
        assert value(db, "select count(*) from memoriesdb.memory_embeddings") == 1


def test_arrays_of_different_length_are_refused_as_a_whole(
    database: Database, alice: UUID, worker: Connection
) -> None:
    database.remember(alice, "text")
    (job,) = claim(worker)
    with pytest.raises(psycopg.Error) as caught:
        worker.execute(
            "select memoriesdb.complete_embeddings('w', %s, %s, %s, array[]::public.vector[])",
            ([job[0]], [job[1]], [job[2]]),
        )
    assert caught.value.sqlstate == "MD110"
    assert complete(worker, job) == ["stored"]


@pytest.mark.parametrize(
    ("arguments", "sqlstate"),
    [
        (("w", 0, "2 min"), "MD108"),
        (("w", 1001, "2 min"), "MD108"),
        (("w", None, "2 min"), "MD108"),
        (("w", 1, "0 s"), "MD108"),
        (("w", 1, "2 h"), "MD108"),
        (("", 1, "2 min"), "MD110"),
        ((None, 1, "2 min"), "MD110"),
    ],
)
@pytest.mark.parametrize("function", ["claim_embeddings", "claim_vindexing"])
def test_a_bad_claim_is_refused(
    worker: Connection, function: str, arguments: tuple[Any, ...], sqlstate: str
) -> None:
    with pytest.raises(psycopg.Error) as caught:
        worker.execute(f"select memoriesdb.{function}(%s, %s, %s)", arguments)
    assert caught.value.sqlstate == sqlstate


def test_an_old_worker_must_stop(database: Database, worker: Connection) -> None:
    beat = "select memoriesdb.worker_heartbeat('w', 'embedding', %s, %s, 5, 1)"
    worker.execute(beat, ("999.0.0", "starting"))
    with pytest.raises(psycopg.Error) as caught:
        worker.execute(beat, ("0.0.1", "running"))
    assert caught.value.sqlstate == "MD506"
    with database.connect("admin") as admin:
        row = admin.execute(
            "select version, state, jobs_done, jobs_failed, login from memoriesdb.worker_heartbeats"
        ).fetchone()
    assert row == ("999.0.0", "starting", 5, 1, "test_worker")


def test_the_depth_of_the_queues(database: Database, alice: UUID, worker: Connection) -> None:
    for number in range(3):
        database.remember(alice, f"text {number}")
    dead, *_ = claim(worker, batch=2)
    fail(worker, dead, True)
    rows = worker.execute(
        "select pending, claimed, dead, oldest_seconds between 0 and 60 "
        "from memoriesdb.worker_metrics() order by queue"
    ).fetchall()
    # Embeddings, words, vector indexes, slices of the graph.
    assert rows == [(1, 1, 1, True), (3, 0, 0, True), (0, 0, 0, None), (0, 0, 0, None)]


def test_a_worker_has_no_table(database: Database, worker: Connection) -> None:
    with database.superuser() as db:
        rows = db.execute(
            "select c.oid::regclass::text from pg_class as c "
            "where c.relnamespace = 'memoriesdb'::regnamespace "
            "and c.relkind in ('r', 'p', 'm', 'v', 'S') "
            "and c.relname not in ('queue_status', 'ledger_status')"
        ).fetchall()
    assert len(rows) > 20
    for (name,) in rows:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            worker.execute(f"select * from {name}")


@pytest.mark.parametrize("role", ["app", "client", "auditor"])
def test_nobody_else_takes_jobs(database: Database, role: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        database.connect(role).execute("select memoriesdb.claim_embeddings('w', 1)")
