"""Owners take turns, and what is written comes before backfills: nobody delays somebody else."""

import time
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


def test_what_an_owner_writes_later_stands_behind_what_he_wrote_before(
    database: Database, alice: UUID, bob: UUID
) -> None:
    """Many small transactions are no way around the line, nor is one large."""
    register(database, MODEL_AWAY)
    fill(database, alice, 100)
    for _ in range(20):
        fill(database, alice, 1)
    fill(database, bob, 60)
    worker = database.connect("worker", autocommit=True)
    for _ in range(4):
        claimed = owners(worker, 30)
        assert claimed.count(bob) == 15


def test_anybodys_written_memories_come_before_anybodys_backfill(
    database: Database, alice: UUID, bob: UUID
) -> None:
    """But for one place in sixteen, which keeps the backfill from waiting for ever."""
    fill(database, alice, 40)
    register(database, MODEL_AWAY)
    fill(database, bob, 20)
    worker = database.connect("worker", autocommit=True)
    assert owners(worker, 16).count(bob) == 15
    assert owners(worker, 16).count(bob) == 5
    assert owners(worker, 16).count(alice) == 16


def test_a_backfill_has_its_share_of_claims_of_one_job_each(
    database: Database, alice: UUID, bob: UUID
) -> None:
    fill(database, alice, 100)
    register(database, MODEL_AWAY)
    fill(database, bob, 300)
    worker = database.connect("worker", autocommit=True)
    claimed = [owner for _ in range(200) for owner in owners(worker, 1)]
    assert len(claimed) == 200
    assert 3 <= claimed.count(alice) <= 30


def test_a_backfill_that_is_written_meanwhile_stands_among_the_written(
    database: Database, alice: UUID
) -> None:
    fill(database, alice, 50)
    register(database, MODEL_AWAY)
    with database.acting(alice) as db:
        memory_id = value(
            db,
            "update memoriesdb.memories set content = 'another text' "
            "where id = (select max(id::text)::uuid from memoriesdb.memories) returning id",
        )
    worker = database.connect("worker", autocommit=True)
    first = value(worker, "select memory_id from memoriesdb.claim_embeddings('w', 1)")
    assert first == memory_id


def test_a_thousand_edits_of_a_memory_are_one_job(database: Database, alice: UUID) -> None:
    register(database, MODEL_AWAY)
    memory_id = database.remember(alice, "text")
    with database.acting(alice) as db:
        db.execute(
            "do $$ begin for n in 1..1000 loop "
            "update memoriesdb.memories set content = 'text ' || n; end loop; end $$"
        )
    worker = database.connect("worker", autocommit=True)
    rows = worker.execute(
        "select memory_id, input from memoriesdb.claim_embeddings('w', 10)"
    ).fetchall()
    assert rows == [(memory_id, "text 1000")]


def set_walks(database: Database, seconds: float) -> None:
    """Say how long the last walk along the line took: the next one is fifty times as far."""
    with database.superuser() as db:
        db.execute("update memoriesdb.embedding_batches set walk_seconds = %s", (seconds,))


def test_a_job_that_commits_after_the_line_has_passed_it_is_found_by_a_walk(
    database: Database, alice: UUID, bob: UUID
) -> None:
    """With walks made too dear it is not found, which shows that this test can see it."""
    register(database, MODEL_AWAY)
    fill(database, bob, 30)
    worker = database.connect("worker", autocommit=True)
    with database.acting(alice) as db:
        db.execute("insert into memoriesdb.memories (content) values ('late')")
        for _ in range(3):
            assert owners(worker, 10) == [bob] * 10
        # Claims go on where the line was a quarter of a second ago.
        time.sleep(0.3)
        fill(database, bob, 1)
        assert owners(worker, 10) == [bob]
    set_walks(database, 1e9)
    time.sleep(0.3)
    assert owners(worker, 10) == []
    set_walks(database, 0.0)
    assert owners(worker, 10) == [alice]


def test_a_full_line_of_one_model_does_not_hold_up_another(database: Database, alice: UUID) -> None:
    """Models take turns by lot, and a batch is of one of them where that has enough."""
    register(database, MODEL_AWAY, "first")
    register(database, MODEL_AWAY, "second", activate=False)
    fill(database, alice, 200)
    worker = database.connect("worker", autocommit=True)
    batches = [
        {
            row[0]
            for row in worker.execute(
                "select model_id from memoriesdb.claim_embeddings('w', 10)"
            ).fetchall()
        }
        for _ in range(20)
    ]
    assert all(len(models) == 1 for models in batches)
    assert len(set.union(*batches)) == 2
