"""Dead letters: seen, queued again and dropped by an admin, and by the owner his own."""

from uuid import UUID

import psycopg
import pytest

from acting import Connection, Database, refused
from queues.support import register, value

LETTERS = (
    "select job_id, owner_id, memory_id, model, attempts, last_error, is_queued, is_embedded, "
    "dropped_at is not null from memoriesdb.dead_letters(with_dropped => %s)"
)


@pytest.fixture
def worker(database: Database) -> Connection:
    register(database, "http://127.0.0.1:9")
    return database.connect("worker", autocommit=True)


def give_up(worker: Connection) -> int:
    """Let the next job fail for good."""
    row = worker.execute(
        "select job_id, lease_token from memoriesdb.claim_embeddings('w', 1)"
    ).fetchone()
    assert row is not None
    job_id, token = row
    worker.execute(
        "select memoriesdb.fail_embedding('w', %s, %s, 'too odd', true)", (job_id, token)
    )
    return int(job_id)


def stranded(database: Database) -> int:
    with database.superuser() as db:
        count: int = value(db, "select count(*) from memoriesdb.stranded_memories")
    return count


def embed(worker: Connection) -> list[str]:
    jobs = worker.execute(
        "select job_id, lease_token, text_hash from memoriesdb.claim_embeddings('w', 10)"
    ).fetchall()
    return [
        value(
            worker,
            "select outcome from memoriesdb.complete_embeddings("
            "'w', array[%s::bigint], array[%s::bigint], array[%s], array['[1,1,1,1]']"
            "::public.vector[])",
            *job,
        )
        for job in jobs
    ]


def test_an_admin_sees_all_and_a_user_his_own(
    database: Database, alice: UUID, bob: UUID, worker: Connection
) -> None:
    memory_id = database.remember(alice, "the secret text")
    job_id = give_up(worker)
    letter = (job_id, alice, memory_id, "tests", 1, "too odd", False, False, False)
    with database.connect("admin") as db:
        assert db.execute(LETTERS, (False,)).fetchall() == [letter]
        assert "secret" not in str(db.execute("select memoriesdb.dead_letters()").fetchall())
    with database.acting(alice) as db:
        assert db.execute(LETTERS, (False,)).fetchall() == [letter]
    with database.acting(bob) as db:
        assert db.execute(LETTERS, (True,)).fetchall() == []
        assert db.execute("select memoriesdb.dead_letters(%s)", (job_id,)).fetchall() == []
    with database.connect("app") as db:
        assert refused(db, "select memoriesdb.dead_letters()").sqlstate == "MD001"
    for role in ("worker", "auditor"):
        with database.connect(role) as db:
            error = refused(db, "select memoriesdb.dead_letters()")
        assert isinstance(error, psycopg.errors.InsufficientPrivilege)


def test_nobody_touches_the_letters_of_another(
    database: Database, alice: UUID, bob: UUID, worker: Connection
) -> None:
    database.remember(alice, "text")
    job_id = give_up(worker)
    with database.acting(bob) as db:
        assert value(db, "select memoriesdb.requeue_embedding(%s)", job_id) == 0
        assert value(db, "select memoriesdb.requeue_embedding()") == 0
        assert value(db, "select memoriesdb.drop_dead_letter(%s)", job_id) is False
    with database.acting(alice) as db:
        assert value(db, "select memoriesdb.requeue_embedding()") == 1
    assert embed(worker) == ["stored"]


def test_who_only_reads_sees_his_letters_and_does_not_touch_them(
    database: Database, alice: UUID, worker: Connection
) -> None:
    database.remember(alice, "text")
    give_up(worker)
    token = database.issue_token(alice, scopes=["read"])
    with database.with_token(token) as db:
        assert len(db.execute("select memoriesdb.dead_letters()").fetchall()) == 1
        assert refused(db, "select memoriesdb.requeue_embedding()").sqlstate == "MD004"
    with database.with_token(token) as db:
        assert refused(db, "select memoriesdb.drop_dead_letter(1)").sqlstate == "MD004"


def test_what_is_dropped_is_no_longer_counted_nor_stranded(
    database: Database, alice: UUID, worker: Connection
) -> None:
    memory_id = database.remember(alice, "text")
    job_id = give_up(worker)
    with database.connect("admin", autocommit=True) as db:
        assert value(db, "select memoriesdb.drop_dead_letter(%s)", job_id) is True
        assert value(db, "select memoriesdb.drop_dead_letter(%s)", job_id) is False
        status = "select sum(dead) from memoriesdb.queue_status where queue = 'embedding'"
        assert value(db, status) is None
        assert db.execute(LETTERS, (False,)).fetchall() == []
        (row,) = db.execute(LETTERS, (True,)).fetchall()
        assert (row[0], row[2], row[-1]) == (job_id, memory_id, True)
        assert value(db, "select memoriesdb.requeue_embedding()") == 0
        assert value(db, "select memoriesdb.repair_queues()") == 0
    assert embed(worker) == []
    assert stranded(database) == 0


def test_what_was_dropped_comes_back_by_its_number(
    database: Database, alice: UUID, worker: Connection
) -> None:
    database.remember(alice, "text")
    job_id = give_up(worker)
    with database.acting(alice) as db:
        assert value(db, "select memoriesdb.drop_dead_letter(%s)", job_id) is True
    with database.acting(alice) as db:
        assert value(db, "select memoriesdb.requeue_embedding(%s)", job_id) == 1
    assert embed(worker) == ["stored"]


def test_another_text_of_a_dropped_memory_is_embedded(
    database: Database, alice: UUID, worker: Connection
) -> None:
    database.remember(alice, "text")
    job_id = give_up(worker)
    with database.connect("admin", autocommit=True) as db:
        db.execute("select memoriesdb.drop_dead_letter(%s)", (job_id,))
        with database.acting(alice) as mine:
            mine.execute("update memoriesdb.memories set content = 'another'")
        assert value(db, "select is_queued from memoriesdb.dead_letters(%s)", job_id) is True
        assert embed(worker) == ["stored"]
        assert db.execute(LETTERS, (True,)).fetchall() == []
