"""A transaction that stays open elsewhere keeps dead rows alive: the queue must bear that.

What a claim costs is counted in index entries that it reads, dead ones among them, and not in time.
"""

import time
from collections.abc import Callable
from uuid import UUID

import pytest

from acting import Connection, Database
from queues.support import jobs_left, register, until, value

ROUNDS = 12
PER_ROUND = 150
Hold = Callable[[Database], Connection]


def drain(worker: Connection) -> None:
    """Embed what waits, as fast as the queue allows."""
    while jobs := worker.execute(
        "select job_id, lease_token, text_hash from memoriesdb.claim_embeddings('w', 30)"
    ).fetchall():
        worker.execute(
            "select count(*) from memoriesdb.complete_embeddings("
            "'w', %s, %s, %s, array_fill('[1,1,1,1]'::public.vector, array[%s]))",
            (*map(list, zip(*jobs, strict=True)), len(jobs)),
        )


def is_drained(database: Database, worker: Connection) -> bool:
    drain(worker)
    return jobs_left(database) == 0


def fill(database: Database, user_id: UUID, count: int) -> None:
    with database.acting(user_id) as db:
        db.execute(
            "insert into memoriesdb.memories (content) "
            "select 'text ' || n from generate_series(1, %s) as n",
            (count,),
        )


def entries_of_a_claim(database: Database, *, is_walk: bool = False) -> int:
    """Index entries of the queue that a claim of ten jobs reads; it is not kept.

    Claims go on where the line was a quarter of a second ago. Walks along the whole of it are
    another matter, and the rarer the longer they take.
    """
    time.sleep(0.3)
    with database.connect("superuser", pooled=False) as db:
        db.execute(
            "update memoriesdb.embedding_batches set walk_seconds = %s", (0.0 if is_walk else 1e9,)
        )
        assert len(db.execute("select memoriesdb.claim_embeddings('w', 10)").fetchall()) == 10
        entries: int = value(
            db,
            "select sum(pg_stat_get_xact_tuples_returned(indexrelid))::bigint from pg_index "
            "where indrelid = 'memoriesdb.embedding_schedule'::regclass",
        )
        db.rollback()
    return entries


def hold_a_snapshot(database: Database) -> Connection:
    holder = database.connect("app", pooled=False)
    holder.execute("set transaction isolation level repeatable read")
    holder.execute("select count(*) from memoriesdb.memories")
    return holder


def hold_a_memory(database: Database) -> Connection:
    """Written, queued and not committed."""
    user_id = database.create_user("forgetful")
    holder = database.connect("app", pooled=False)
    holder.execute("select memoriesdb.set_user(%s)", (user_id,))
    holder.execute("insert into memoriesdb.memories (content) values ('not yet')")
    return holder


def hold_an_edit(database: Database) -> Connection:
    """Of a memory that waits at the very front of the line, and is locked there."""
    user_id = database.create_user("forgetful")
    database.remember(user_id, "as it was")
    holder = database.connect("app", pooled=False)
    holder.execute("select memoriesdb.set_user(%s)", (user_id,))
    holder.execute("update memoriesdb.memories set content = 'not yet'")
    return holder


@pytest.mark.parametrize("hold", [hold_a_snapshot, hold_a_memory, hold_an_edit])
def test_a_held_transaction_does_not_stop_the_queue(
    database: Database, alice: UUID, hold: Hold
) -> None:
    """Jobs come and go while nothing can be vacuumed: what a claim and a job cost is bounded.

    A walk along the whole line reads them all, which shows that the count can see it. All that
    they took is given back to the system when the transaction has ended.
    """
    register(database, "http://127.0.0.1:9")
    worker = database.connect("worker", autocommit=True)
    holder = hold(database)
    entries = []
    for number in range(ROUNDS):
        fill(database, alice, PER_ROUND)
        if number in (1, ROUNDS - 1):
            entries.append(entries_of_a_claim(database))
            walk = entries_of_a_claim(database, is_walk=True)
        drain(worker)
    assert entries[1] < 1.5 * entries[0]
    assert walk > (ROUNDS - 1) * PER_ROUND
    with database.superuser() as db:
        size = value(db, "select pg_total_relation_size('memoriesdb.embedding_schedule')")
        assert value(db, "select count(*) from memoriesdb.memory_embeddings") == ROUNDS * PER_ROUND
    assert size < ROUNDS * PER_ROUND * 1500
    holder.rollback()
    until(lambda: is_drained(database, worker))
    with database.superuser() as db:
        db.execute("vacuum memoriesdb.embedding_schedule")
        assert value(db, "select pg_relation_size('memoriesdb.embedding_schedule')") == 0


def test_a_claim_reads_as_much_of_a_long_queue_as_of_a_short_one(
    database: Database, alice: UUID
) -> None:
    register(database, "http://127.0.0.1:9")
    fill(database, alice, 20)
    short = entries_of_a_claim(database)
    fill(database, alice, 10_000)
    assert entries_of_a_claim(database) <= short
