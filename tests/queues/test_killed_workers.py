"""A worker that is killed or frozen at any step loses nothing and does nothing twice."""

import signal
import time
from collections.abc import Iterator
from uuid import UUID

import pytest
from psycopg.conninfo import make_conninfo

from acting import PASSWORD, Connection, Database, login
from queues.endpoint import Endpoint, vector_of
from queues.support import Start, Worker, check_embedded, jobs_left, register, until, value, writes
from queues.wire import Wire, wire

LEASE = 2


@pytest.fixture
def held(database: Database) -> Iterator[Wire]:
    """A wire to PgBouncer."""
    pooler = database.cluster.pooler
    with wire(pooler.host, pooler.port) as opened:
        yield opened


def through(held: Wire, database: Database) -> str:
    return make_conninfo(
        host="127.0.0.1",
        port=held.port,
        dbname=database.name,
        user=login("worker"),
        password=PASSWORD,
    )


def claimed_by(database: Database) -> list[str | None]:
    with database.superuser() as db:
        rows = db.execute("select worker from memoriesdb.embedding_schedule").fetchall()
    return [row[0] for row in rows]


def kill(worker: Worker) -> None:
    worker.send_signal(signal.SIGKILL)
    worker.wait(10)


def drain_with_another(start: Start, database: Database) -> None:
    """Let a second worker do what the first one left, once its lease is over."""
    start("embedding", worker_name="second", lease_seconds=LEASE)
    until(lambda: jobs_left(database) == 0)


def test_killed_before_it_claims(
    database: Database, alice: UUID, endpoint: Endpoint, held: Wire, start: Start
) -> None:
    register(database, endpoint.url)
    memory_id = database.remember(alice, "kept")
    held.hold_request(b"claim_embeddings")
    first = start("embedding", dsn=through(held, database), worker_name="first")
    assert held.held.wait(10)
    kill(first)
    assert claimed_by(database) == [None]
    drain_with_another(start, database)
    check_embedded(database)
    assert writes(database, memory_id) == ["INSERT"]


def test_killed_when_it_has_claimed_and_does_not_know_yet(
    database: Database, alice: UUID, endpoint: Endpoint, held: Wire, start: Start
) -> None:
    register(database, endpoint.url)
    memory_id = database.remember(alice, "kept")
    held.hold_answer(b"claim_embeddings", b"COMMIT")
    first = start(
        "embedding", dsn=through(held, database), worker_name="first", lease_seconds=LEASE
    )
    assert held.held.wait(10)
    kill(first)
    assert claimed_by(database) == ["first"]
    drain_with_another(start, database)
    check_embedded(database)
    assert writes(database, memory_id) == ["INSERT"]


def test_killed_while_it_embeds(
    database: Database, alice: UUID, endpoint: Endpoint, start: Start
) -> None:
    register(database, endpoint.url)
    memory_id = database.remember(alice, "kept")
    endpoint.hold()
    first = start("embedding", worker_name="first", lease_seconds=LEASE)
    assert endpoint.arrived.wait(10)
    kill(first)
    endpoint.may_answer.set()
    assert claimed_by(database) == ["first"]
    drain_with_another(start, database)
    check_embedded(database)
    assert writes(database, memory_id) == ["INSERT"]
    assert endpoint.texts.count("kept") == 2


def test_killed_between_embedding_and_writing(
    database: Database, alice: UUID, endpoint: Endpoint, held: Wire, start: Start
) -> None:
    register(database, endpoint.url)
    memory_id = database.remember(alice, "kept")
    held.hold_request(b"complete_embeddings")
    first = start(
        "embedding", dsn=through(held, database), worker_name="first", lease_seconds=LEASE
    )
    assert held.held.wait(10)
    kill(first)
    assert writes(database, memory_id) == []
    drain_with_another(start, database)
    check_embedded(database)
    assert writes(database, memory_id) == ["INSERT"]


def test_killed_when_it_has_written_and_not_heard_so(
    database: Database, alice: UUID, endpoint: Endpoint, held: Wire, start: Start
) -> None:
    """The write and the end of the job are one transaction: nobody does it again."""
    register(database, endpoint.url)
    memory_id = database.remember(alice, "kept")
    held.hold_answer(b"complete_embeddings", b"COMMIT")
    first = start(
        "embedding", dsn=through(held, database), worker_name="first", lease_seconds=LEASE
    )
    assert held.held.wait(10)
    kill(first)
    assert jobs_left(database) == 0
    second = start("embedding", "--once", worker_name="second")
    assert second.wait(20) == 0
    check_embedded(database)
    assert writes(database, memory_id) == ["INSERT"]
    assert endpoint.texts.count("kept") == 1


def test_a_text_that_takes_every_worker_down_becomes_a_dead_letter(
    database: Database, alice: UUID, endpoint: Endpoint, start: Start
) -> None:
    """Nobody lives to report the failure, so the claims themselves are counted."""
    register(database, endpoint.url)
    database.remember(alice, "takes workers down")
    with database.superuser() as db:
        db.execute("update memoriesdb.settings set value = '2' where key = 'max_attempts'")
    for attempt in range(2):
        endpoint.hold()
        worker = start("embedding", worker_name=f"w{attempt}", lease_seconds=1)
        assert endpoint.arrived.wait(10)
        kill(worker)
        endpoint.may_answer.set()
        time.sleep(1.1)
    last = start("embedding", "--once", worker_name="last", lease_seconds=1)
    last.wait(20)
    with database.superuser() as db:
        assert value(db, "select dead_at is not null from memoriesdb.embedding_schedule")
    check_embedded(database, dead=1)


def _frozen_past_its_lease(
    database: Database, endpoint: Endpoint, start: Start, first: Worker, memory_id: UUID
) -> None:
    """Freeze a worker until another one has done its job with the vector of a later text."""
    first.send_signal(signal.SIGSTOP)
    endpoint.may_answer.set()
    drain_with_another(start, database)
    assert writes(database, memory_id) == ["INSERT"]


def test_a_worker_frozen_while_it_embeds_finds_its_lease_lost(
    database: Database, alice: UUID, endpoint: Endpoint, start: Start
) -> None:
    register(database, endpoint.url)
    memory_id = database.remember(alice, "kept")
    endpoint.hold()
    first = start("embedding", "--once", worker_name="first", lease_seconds=1)
    assert endpoint.arrived.wait(10)
    _frozen_past_its_lease(database, endpoint, start, first, memory_id)
    first.send_signal(signal.SIGCONT)
    _, log = first.communicate(timeout=20)
    assert "stored" not in log
    check_embedded(database)
    assert writes(database, memory_id) == ["INSERT"]


def test_a_zombies_write_is_refused_by_the_database(
    database: Database, alice: UUID, endpoint: Endpoint, held: Wire, start: Start
) -> None:
    """Its call was on the way when it froze, so that no clock of its own can stop it."""
    register(database, endpoint.url)
    memory_id = database.remember(alice, "kept")
    held.hold_request(b"complete_embeddings")
    first = start("embedding", dsn=through(held, database), worker_name="first", lease_seconds=1)
    assert held.held.wait(10)
    _frozen_past_its_lease(database, endpoint, start, first, memory_id)
    with database.acting(alice) as db:
        before = stored(db, memory_id)
    held.release()
    first.send_signal(signal.SIGCONT)
    time.sleep(1)
    first.send_signal(signal.SIGTERM)
    _, log = first.communicate(timeout=20)
    assert '"outcome": "refused"' in log
    with database.acting(alice) as db:
        assert stored(db, memory_id) == before
    check_embedded(database)
    assert writes(database, memory_id) == ["INSERT"]


def stored(db: Connection, memory_id: UUID) -> tuple[object, ...]:
    row = db.execute(
        "select embedding::public.vector::real[], text_hash, created_at "
        "from memoriesdb.memory_embeddings where memory_id = %s",
        (memory_id,),
    ).fetchone()
    assert row is not None
    return row


def test_a_zombie_does_not_write_over_a_later_text(
    database: Database, alice: UUID, endpoint: Endpoint, held: Wire, start: Start
) -> None:
    register(database, endpoint.url)
    memory_id = database.remember(alice, "first text")
    held.hold_request(b"complete_embeddings")
    first = start("embedding", dsn=through(held, database), worker_name="first", lease_seconds=1)
    assert held.held.wait(10)
    first.send_signal(signal.SIGSTOP)
    with database.acting(alice) as db:
        db.execute("update memoriesdb.memories set content = 'second text'")
    drain_with_another(start, database)
    held.release()
    first.send_signal(signal.SIGCONT)
    time.sleep(1)
    check_embedded(database)
    with database.acting(alice) as db:
        (vector,) = stored(db, memory_id)[:1]
    assert vector == vector_of("second text")
