"""Owners take turns: nobody's backlog delays somebody else's one job."""

from uuid import UUID

import pytest

from acting import Connection, Database
from queues.support import register, value

MODEL_AWAY = "http://127.0.0.1:9"


def fill(database: Database, user_id: UUID, count: int) -> None:
    with database.acting(user_id) as db:
        db.execute(
            "insert into memoriesdb.memories (content) "
            "select 'text ' || n from generate_series(1, %s) as n",
            (count,),
        )


def owners(worker: Connection, batch: int) -> list[UUID]:
    rows = worker.execute(
        "select owner_id from memoriesdb.claim_embeddings('w', %s)", (batch,)
    ).fetchall()
    return [row[0] for row in rows]


@pytest.mark.parametrize("batch", [32, 2])
def test_a_backlog_delays_another_owner_by_no_claim(
    database: Database, alice: UUID, bob: UUID, batch: int
) -> None:
    """Also where the backlog's owner comes first in every order there is: bob is the younger."""
    register(database, MODEL_AWAY)
    fill(database, alice, 20_000)
    worker = database.connect("worker", autocommit=True)
    for _ in range(3):
        fill(database, bob, 1)
        claimed = owners(worker, batch)
        assert bob in claimed
        assert len(claimed) == batch


def test_jobs_that_come_one_by_one_are_drawn_by_lot(
    database: Database, alice: UUID, bob: UUID
) -> None:
    """A batch of one has no room for two owners; by lot, 40 draws without bob do not happen."""
    register(database, MODEL_AWAY)
    fill(database, alice, 200)
    fill(database, bob, 1)
    worker = database.connect("worker", autocommit=True)
    assert any(bob in owners(worker, 1) for _ in range(40))


def test_the_youngest_of_many_owners_has_its_turn(database: Database) -> None:
    """More owners than one claim can visit, and the older ones never run out of jobs."""
    register(database, MODEL_AWAY)
    with database.superuser() as db:
        rows = db.execute(
            "insert into memoriesdb.users (id, username, role, created_at) "
            "select memoriesdb._new_id(), 'user ' || n, 'user', now() "
            "from generate_series(1, 150) as n returning id"
        ).fetchall()
    users = sorted(row[0] for row in rows)
    for user_id in users:
        fill(database, user_id, 4)
    worker = database.connect("worker", autocommit=True)
    served = {owner for _ in range(40) for owner in owners(worker, 8)}
    assert len(served & set(users[-50:])) >= 20
    assert len(served & set(users[:50])) >= 20


def test_written_memories_come_before_a_backfill(database: Database, alice: UUID) -> None:
    fill(database, alice, 50)
    register(database, MODEL_AWAY)
    memory_id = database.remember(alice, "just written")
    worker = database.connect("worker", autocommit=True)
    first = value(worker, "select memory_id from memoriesdb.claim_embeddings('w', 1)")
    assert first == memory_id


def test_claims_of_many_workers_are_disjoint(database: Database, alice: UUID, bob: UUID) -> None:
    """Claims that have not committed yet are skipped and not waited for."""
    register(database, MODEL_AWAY)
    fill(database, alice, 20)
    fill(database, bob, 20)
    claimed: list[int] = []
    workers = [database.connect("worker", pooled=False) for _ in range(2)]
    for worker in workers:
        rows = worker.execute("select job_id from memoriesdb.claim_embeddings('w', 10)").fetchall()
        assert len(rows) == 10
        claimed += [row[0] for row in rows]
    assert len(set(claimed)) == 20
