"""Nothing is stranded: what waits is in a queue, and what somebody took out of it is put back."""

from uuid import UUID

import pytest

from acting import Connection, Database
from queues.endpoint import Endpoint
from queues.support import Start, check_embedded, register, run_once, value

STRANDED = "select queue, owner_id, memory_id, model_id from memoriesdb.stranded_memories"


@pytest.fixture
def superuser(database: Database) -> Connection:
    return database.connect("superuser", pooled=False, autocommit=True)


def repair(database: Database) -> int:
    with database.connect("admin", autocommit=True) as db:
        count: int = value(db, "select memoriesdb.repair_queues()")
    return count


def test_a_job_that_somebody_deleted_is_listed_and_queued_again(
    database: Database,
    alice: UUID,
    bob: UUID,
    superuser: Connection,
    endpoint: Endpoint,
    start: Start,
) -> None:
    model_id = register(database, endpoint.url)
    memory_id = database.remember(alice, "text")
    database.remember(bob, "text")
    assert superuser.execute(STRANDED).fetchall() == []
    superuser.execute(
        "delete from memoriesdb.embedding_schedule where memory_id = %s", (memory_id,)
    )
    listed = [("embedding", alice, memory_id, model_id)]
    with database.connect("admin", autocommit=True) as db:
        assert db.execute(STRANDED).fetchall() == listed
    with database.acting(alice) as db:
        assert db.execute(STRANDED).fetchall() == listed
    with database.acting(bob) as db:
        assert db.execute(STRANDED).fetchall() == []
    assert repair(database) == 1
    assert repair(database) == 0
    assert superuser.execute(STRANDED).fetchall() == []
    assert run_once(start, "embedding")[0] == 0
    check_embedded(database)


def test_a_former_text_s_embedding_is_none(
    database: Database, alice: UUID, superuser: Connection, endpoint: Endpoint, start: Start
) -> None:
    register(database, endpoint.url)
    memory_id = database.remember(alice, "text")
    run_once(start, "embedding")
    with database.acting(alice) as db:
        db.execute("update memoriesdb.memories set content = 'another'")
    assert superuser.execute(STRANDED).fetchall() == []
    superuser.execute("delete from memoriesdb.embedding_schedule")
    assert [row[2] for row in superuser.execute(STRANDED).fetchall()] == [memory_id]
    assert repair(database) == 1
    run_once(start, "embedding")
    check_embedded(database)


def test_what_a_worker_has_and_what_was_given_up_is_not_stranded(
    database: Database, alice: UUID, superuser: Connection
) -> None:
    register(database, "http://127.0.0.1:9")
    for number in range(3):
        database.remember(alice, f"text {number}")
    worker = database.connect("worker", autocommit=True)
    claimed = worker.execute(
        "select job_id, lease_token from memoriesdb.claim_embeddings('w', 2)"
    ).fetchall()
    worker.execute("select memoriesdb.fail_embedding('w', %s, %s, 'no', true)", claimed[0])
    assert superuser.execute(STRANDED).fetchall() == []
    assert repair(database) == 0


def test_what_is_to_have_no_embedding_is_not_stranded(
    database: Database, alice: UUID, superuser: Connection
) -> None:
    """Written while the model was off, and by a model that is off again."""
    register(database, "http://127.0.0.1:9")
    database.remember(alice, "text")
    superuser.execute("delete from memoriesdb.embedding_schedule")
    assert len(superuser.execute(STRANDED).fetchall()) == 1
    superuser.execute(
        "update memoriesdb.embedding_models set is_active = false, is_enabled = false"
    )
    assert superuser.execute(STRANDED).fetchall() == []


def test_words_that_nobody_would_index_are_listed_and_queued_again(
    database: Database, alice: UUID, bob: UUID, superuser: Connection
) -> None:
    memory_id = database.remember(alice, "a pelican")
    assert superuser.execute(STRANDED).fetchall() == []
    superuser.execute("delete from memoriesdb.search_schedule")
    listed = [("indexing", alice, memory_id, None)]
    assert superuser.execute(STRANDED).fetchall() == listed
    with database.acting(bob) as db:
        assert db.execute(STRANDED).fetchall() == []
    assert repair(database) == 1
    assert superuser.execute(STRANDED).fetchall() == []
    with database.connect("worker", autocommit=True) as db:
        assert value(db, "select memoriesdb.index_memories()") == 1
    assert superuser.execute(STRANDED).fetchall() == []


def test_a_repair_does_not_wait_for_a_writer(
    database: Database, alice: UUID, superuser: Connection
) -> None:
    """He queues the text that he writes."""
    register(database, "http://127.0.0.1:9")
    database.remember(alice, "text")
    superuser.execute("delete from memoriesdb.embedding_schedule")
    with database.acting(alice) as db:
        db.execute("update memoriesdb.memories set content = 'another'")
        with database.connect("admin", autocommit=True) as admin:
            admin.execute("set statement_timeout = '5s'")
            assert value(admin, "select memoriesdb.repair_queues()") == 0
    assert superuser.execute(STRANDED).fetchall() == []
