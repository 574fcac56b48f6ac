"""What happens to a memory while a worker embeds its text: the last text wins, no row is left."""

from uuid import UUID

import pytest

from acting import Database
from queues.endpoint import Endpoint
from queues.support import (
    Start,
    Worker,
    check_embedded,
    jobs_left,
    register,
    run_once,
    set_setting,
    until,
    value,
)


@pytest.fixture
def working(database: Database, alice: UUID, endpoint: Endpoint, start: Start) -> Worker:
    """A worker that is waiting for the endpoint with the one memory of alice."""
    register(database, endpoint.url)
    database.remember(alice, "first text")
    endpoint.hold()
    worker = start("embedding")
    assert endpoint.arrived.wait(10)
    return worker


def change(database: Database, user_id: UUID, statement: str, *parameters: object) -> None:
    with database.acting(user_id) as db:
        db.execute(statement, parameters)


def finish(database: Database, endpoint: Endpoint) -> None:
    endpoint.may_answer.set()
    until(lambda: jobs_left(database) == 0)
    check_embedded(database)


@pytest.mark.usefixtures("working")
def test_an_edit_during_embedding_is_embedded_in_the_end(
    database: Database, alice: UUID, endpoint: Endpoint
) -> None:
    change(database, alice, "update memoriesdb.memories set content = 'second text'")
    finish(database, endpoint)
    assert "second text" in endpoint.texts


@pytest.mark.usefixtures("working")
def test_an_edit_that_is_taken_back_during_embedding(
    database: Database, alice: UUID, endpoint: Endpoint
) -> None:
    change(database, alice, "update memoriesdb.memories set content = 'second text'")
    change(database, alice, "update memoriesdb.memories set content = 'first text'")
    finish(database, endpoint)


@pytest.mark.usefixtures("working")
def test_a_new_speaker_is_a_new_text(database: Database, alice: UUID, endpoint: Endpoint) -> None:
    """What is embedded holds who said it: the guard covers that, not the content alone."""
    change(database, alice, """update memoriesdb.memories set metadata = '{"speaker": "Ada"}'""")
    finish(database, endpoint)
    assert any(text.startswith("Ada (") for text in endpoint.texts)


@pytest.mark.usefixtures("working")
def test_an_edit_that_commits_after_the_vector_arrived(
    database: Database, alice: UUID, endpoint: Endpoint
) -> None:
    """The vector of the text before it is not written, and nobody waits for anybody."""
    with database.acting(alice) as db:
        db.execute("update memoriesdb.memories set content = 'second text'")
        endpoint.may_answer.set()
        until(lambda: endpoint.texts.count("first text") >= 2)
    finish(database, endpoint)


@pytest.mark.usefixtures("working")
def test_a_delete_during_embedding_leaves_nothing(
    database: Database, alice: UUID, endpoint: Endpoint
) -> None:
    change(database, alice, "delete from memoriesdb.memories")
    finish(database, endpoint)
    with database.superuser() as db:
        assert value(db, "select count(*) from memoriesdb.memories") == 0
        assert value(db, "select count(*) from memoriesdb.memory_embeddings") == 0


@pytest.mark.usefixtures("working")
def test_a_transfer_during_embedding_is_embedded_for_the_new_owner(
    database: Database, alice: UUID, bob: UUID, endpoint: Endpoint
) -> None:
    change(database, alice, "select memoriesdb.transfer(id, %s) from memoriesdb.memories", bob)
    finish(database, endpoint)
    with database.superuser() as db:
        assert value(db, "select owner_id from memoriesdb.memory_embeddings") == bob


@pytest.mark.usefixtures("working")
def test_forgetting_and_restoring_during_embedding(
    database: Database, alice: UUID, endpoint: Endpoint
) -> None:
    change(database, alice, "select memoriesdb.forget(id) from memoriesdb.memories")
    change(database, alice, "select memoriesdb.restore(id) from memoriesdb.memories")
    finish(database, endpoint)


@pytest.mark.parametrize(
    "fault", ["REJECT", "CRASH", "HALF", "HANG", "NAN", "ZERO", "TINY", "NARROW"]
)
def test_one_bad_text_does_not_fail_its_batch(
    database: Database, alice: UUID, endpoint: Endpoint, start: Start, fault: str
) -> None:
    register(database, endpoint.url)
    set_setting(database, "max_attempts", "1")
    bad_text = f"a text at which the endpoint says {fault}"
    for text in ("one", "two", bad_text, "three", "four"):
        database.remember(alice, text)
    code, log = run_once(start, "embedding", request_timeout_seconds=0.5)
    assert code == 1
    check_embedded(database, dead=1)
    with database.superuser() as db:
        error = value(
            db,
            "select j.last_error from memoriesdb.embedding_schedule as j "
            "join memoriesdb.memories as m on m.id = j.memory_id where m.content = %s",
            bad_text,
        )
    assert error
    # Providers quote what they refuse; admins who read the queue may not read memories.
    assert bad_text not in error
    assert bad_text not in log


def test_a_corrected_text_ends_its_dead_letter(
    database: Database, alice: UUID, endpoint: Endpoint, start: Start
) -> None:
    register(database, endpoint.url)
    database.remember(alice, "REJECT")
    run_once(start, "embedding")
    check_embedded(database, dead=1)
    change(database, alice, "update memoriesdb.memories set content = 'accepted'")
    assert run_once(start, "embedding")[0] == 0
    assert jobs_left(database) == 0
    check_embedded(database)


@pytest.mark.parametrize("mode", ["busy", "broken"])
def test_the_providers_trouble_counts_against_no_text(
    database: Database, alice: UUID, endpoint: Endpoint, start: Start, mode: str
) -> None:
    register(database, endpoint.url)
    for number in range(3):
        database.remember(alice, f"text {number}")
    endpoint.mode = mode
    worker = start("embedding")
    until(lambda: len(endpoint.texts) >= 3)
    until(lambda: _attempts(database) == [0, 0, 0])
    endpoint.mode = "works"
    until(lambda: jobs_left(database) == 0)
    assert worker.poll() is None
    check_embedded(database)


def _attempts(database: Database) -> list[int]:
    with database.superuser() as db:
        rows = db.execute("select attempts from memoriesdb.embedding_schedule").fetchall()
    return [row[0] for row in rows]


def test_a_thousand_edits_are_one_job(database: Database, alice: UUID, endpoint: Endpoint) -> None:
    register(database, endpoint.url)
    database.remember(alice, "text 0")
    with database.acting(alice) as db:
        for number in range(990):
            db.execute("update memoriesdb.memories set content = %s", (f"text {number}",))
    for number in range(10):
        change(database, alice, "update memoriesdb.memories set content = %s", f"last {number}")
    assert jobs_left(database) == 1


def test_an_edit_of_what_is_not_embedded_is_no_job(
    database: Database, alice: UUID, endpoint: Endpoint, start: Start
) -> None:
    register(database, endpoint.url)
    database.remember(alice, "text")
    run_once(start, "embedding")
    change(database, alice, "update memoriesdb.memories set trust = 1, content = content")
    assert jobs_left(database) == 0


def test_no_commit_no_job(database: Database, alice: UUID, endpoint: Endpoint) -> None:
    register(database, endpoint.url)
    with database.acting(alice) as db:
        db.execute("select memoriesdb.remember('text')")
        db.rollback()
    with database.acting(alice) as db:
        db.execute("savepoint s")
        db.execute("select memoriesdb.remember('text')")
        db.execute("rollback to savepoint s")
    assert jobs_left(database) == 0
