"""A writer edits while a worker takes the job that waits: a job is left for the last text.

Two guards stand against the loss, and either is enough: enqueueing locks the waiting job until
the writer commits, and a vector is not written while somebody writes the memory. With both
taken away in a scratch database the job is lost, which proves that this test can see it.
"""

from uuid import UUID

import pytest

from acting import Connection, Database
from queues.support import register, value


def weaken(database: Database, function: str, what: str, replacement: str) -> None:
    """Replace a piece of a function of this test's own database."""
    with database.superuser() as db:
        body = value(db, "select pg_get_functiondef(%s::regproc)", f"memoriesdb.{function}")
        assert what in body
        db.execute(body.replace(what, replacement).encode())


def without_lock_on_the_waiting_job(database: Database) -> None:
    weaken(
        database,
        "tg_memories__queue_embedding",
        "do update set text_hash = excluded.text_hash, priority = 0",
        "do nothing",
    )


def without_lock_on_the_memory(database: Database) -> None:
    weaken(database, "complete_embeddings", "for share skip locked", "")


def claim(db: Connection) -> list[tuple[int, int, str, bytes]]:
    return db.execute(
        "select job_id, lease_token, input, text_hash from memoriesdb.claim_embeddings('w', 10)"
    ).fetchall()


def embed(db: Connection) -> None:
    """Do what a worker does, at once."""
    for job_id, token, text, text_hash in claim(db):
        db.execute(
            "select memoriesdb.complete_embeddings('w', %s, %s, %s, %s::public.vector[])",
            ([job_id], [token], [text_hash], f'{{"[{len(text)},1,1,1]"}}'),
        )


@pytest.mark.parametrize(
    ("jobs_are_locked", "memories_are_locked", "is_lost"),
    [(True, True, False), (True, False, False), (False, True, False), (False, False, True)],
)
def test_a_worker_between_an_edit_and_its_commit(
    database: Database,
    alice: UUID,
    jobs_are_locked: bool,
    memories_are_locked: bool,
    is_lost: bool,
) -> None:
    register(database, "http://127.0.0.1:9")
    if not jobs_are_locked:
        without_lock_on_the_waiting_job(database)
    if not memories_are_locked:
        without_lock_on_the_memory(database)
    worker = database.connect("worker", autocommit=True)
    database.remember(alice, "first")
    with database.acting(alice) as db:
        db.execute("update memoriesdb.memories set content = 'the second'")
        embed(worker)
    with database.superuser() as db:
        db.execute("update memoriesdb.embedding_schedule set available_at = clock_timestamp()")
    embed(worker)
    with database.superuser() as db:
        assert value(db, "select count(*) from memoriesdb.embedding_schedule") == 0
        was_embedded = value(
            db,
            "select e.text_hash = m.embedding_text_hash and e.embedding::text = '[10,1,1,1]' "
            "from memoriesdb.memories as m "
            "join memoriesdb.memory_embeddings as e on e.memory_id = m.id",
        )
    assert was_embedded is not is_lost


def test_a_claim_does_not_wait_for_a_writer(database: Database, alice: UUID) -> None:
    register(database, "http://127.0.0.1:9")
    database.remember(alice, "first")
    worker = database.connect("worker", autocommit=True)
    with database.acting(alice) as db:
        db.execute("update memoriesdb.memories set content = 'the second'")
        assert claim(worker) == []
    assert [job[2] for job in claim(worker)] == ["the second"]


def test_an_edit_after_the_claim_is_another_job(database: Database, alice: UUID) -> None:
    """What is claimed is never coalesced with: the worker has read the former text."""
    register(database, "http://127.0.0.1:9")
    database.remember(alice, "first")
    worker = database.connect("worker", autocommit=True)
    assert [job[2] for job in claim(worker)] == ["first"]
    for text in ("second", "third"):
        with database.acting(alice) as db:
            db.execute("update memoriesdb.memories set content = %s", (text,))
    assert [job[2] for job in claim(worker)] == ["third"]
