"""A transaction that stays open elsewhere keeps dead rows alive: the queue must bear that."""

import statistics
import time
from uuid import UUID

from acting import Connection, Database
from queues.support import register, value

ROUNDS = 40
PER_ROUND = 100


def drain(worker: Connection) -> float:
    """Embed what waits, as fast as the queue allows; give the median time of a claim."""
    took = []
    while True:
        began = time.perf_counter()
        jobs = worker.execute(
            "select job_id, lease_token, text_hash from memoriesdb.claim_embeddings('w', 100)"
        ).fetchall()
        took.append(time.perf_counter() - began)
        if not jobs:
            return statistics.median(took)
        worker.execute(
            "select count(*) from memoriesdb.complete_embeddings("
            "'w', %s, %s, %s, array_fill('[1,1,1,1]'::public.vector, array[%s]))",
            (
                [job[0] for job in jobs],
                [job[1] for job in jobs],
                [job[2] for job in jobs],
                len(jobs),
            ),
        )


def test_a_held_transaction_does_not_stop_the_queue(database: Database, alice: UUID) -> None:
    """4,000 jobs come and go while nothing can be vacuumed: what a claim and a job cost is bounded.

    Measured: 650 bytes a job, all of them given back to the system when the transaction has ended,
    and 3 ms for a claim of a hundred, the first like the last.
    """
    register(database, "http://127.0.0.1:9")
    worker = database.connect("worker", autocommit=True)
    holder = database.connect("app", pooled=False)
    holder.execute("set transaction isolation level repeatable read")
    holder.execute("select count(*) from memoriesdb.memories")
    medians = []
    for _ in range(ROUNDS):
        with database.acting(alice) as db:
            db.execute(
                "insert into memoriesdb.memories (content) "
                "select 'text ' || n from generate_series(1, %s) as n",
                (PER_ROUND,),
            )
        medians.append(drain(worker))
    with database.superuser() as db:
        size = value(db, "select pg_total_relation_size('memoriesdb.embedding_schedule')")
        assert value(db, "select count(*) from memoriesdb.memory_embeddings") == ROUNDS * PER_ROUND
    assert size < ROUNDS * PER_ROUND * 1500
    first, last = statistics.median(medians[:5]), statistics.median(medians[-5:])
    assert last < 5 * first + 0.05
    holder.rollback()
    with database.superuser() as db:
        db.execute("vacuum memoriesdb.embedding_schedule")
        assert value(db, "select pg_relation_size('memoriesdb.embedding_schedule')") == 0
