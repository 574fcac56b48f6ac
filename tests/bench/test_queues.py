"""What is counted of a queue is what it did: with queues that do it right, and ones that do not."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import pytest
from rich.progress import Progress

from acting import Database, NewDatabase
from bench.queues import goals, processes
from bench.queues.embedding_queue import CHOSEN, EmbeddingQueue, Released, Unqueued, Written
from bench.queues.memories import add_model, add_owners, fill
from bench.queues.pgmq_style import DELETE, READ, PgmqStyle
from bench.queues.places import Place, connect, held, value
from bench.queues.system import Record, System
from bench.queues.trials import count, parts, run_all, run_cell

JOBS, WORKERS, BATCH = 60, 2, 16


def place_of(database: Database) -> Place:
    return Place(*(database.dsn(login) for login in ("superuser", "app", "admin", "worker")))


class Faulty(PgmqStyle):
    """Runs one message twice, and another one of its batch never."""

    def drain(self, record: Record, connections: int) -> None:
        with self._connect() as db:
            record.ready()
            while not record.is_over():
                messages = db.execute(READ, (self.batch,)).fetchall()
                db.execute(DELETE, ([msg_id for msg_id, _ in messages],))
                numbers = [message["number"] for _, message in messages]
                if 0 in numbers:
                    numbers[0 if numbers[0] else 1] = 0
                record.done(numbers)


class Forgetful(PgmqStyle):
    """Runs every message and never says so: they would be seen again later."""

    def drain(self, record: Record, connections: int) -> None:
        with self._connect() as db:
            record.ready()
            while not record.is_over():
                messages = db.execute(READ, (self.batch,)).fetchall()
                record.done(message["number"] for _, message in messages)
                time.sleep(0.002)


def test_ours_and_a_plain_queue_do_every_job_once(new_database: NewDatabase) -> None:
    with new_database() as one, new_database() as other, new_database() as plain:
        place, written, bare = place_of(one), place_of(other), place_of(plain)
        fill(place, add_owners(place, 3), JOBS, Progress(disable=True))
        add_model(place)
        add_model(written)
        queue = PgmqStyle(place, BATCH)
        queue.set_up()
        systems: Sequence[System] = (
            queue,
            EmbeddingQueue(place, BATCH),
            Released(place, BATCH),
            Written(written, add_owners(written, 3), BATCH),
            Unqueued(bare, add_owners(bare, 3)),
        )
        processes.preload(systems)
        places = (place, written, bare)
        cells = run_all(systems, JOBS, 1, places, Progress(disable=True), [WORKERS])
        assert [cell.get("error") for cell in cells] == [None] * len(systems) * 2
        for cell in cells:
            assert (cell["lost"], cell["doubled"], cell["left"]) == (0, 0, 0), cell
            assert cell["enqueue_seconds"] > 0
            # A fifth of them where memories are written.
            assert cell["jobs"] in {JOBS, JOBS // 5}
        drained = [cell for cell in cells if cell["system"] != systems[-1].name]
        assert all(cell["drain_seconds"] > 0 and cell["bytes"] > 0 for cell in drained)
        with connect(place.superuser) as db:
            # The last ones were given back: all of them are there, and due much later.
            query = "select count(*) from memoriesdb.embedding_schedule where available_at > "
            assert value(db, f"{query} clock_timestamp() + interval '30 minutes'") == JOBS
        with connect(bare.superuser) as db:
            assert value(db, "select count(*) from memoriesdb.memories") == 2 * JOBS // 5
            assert value(db, "select count(*) from memoriesdb.embedding_schedule") == 0


def test_what_a_queue_loses_doubles_and_forgets_is_counted(database: Database) -> None:
    place = place_of(database)
    faulty = Faulty(place, BATCH)
    faulty.set_up()
    cell = run_cell(faulty, JOBS, WORKERS)
    assert (cell.jobs, cell.lost, cell.doubled, cell.left) == (JOBS, 1, 1, 0)
    cell = run_cell(Forgetful(place, BATCH), JOBS, 1)
    assert (cell.lost, cell.doubled, cell.left) == (0, 0, JOBS)


def test_a_held_transaction_keeps_dead_rows(database: Database) -> None:
    place = place_of(database)
    with connect(place.superuser) as db:
        db.execute("create table leftovers as select generate_series(1, 100) as n")
        with held([place]):
            db.execute("delete from leftovers")
            db.execute("vacuum leftovers")
            assert value(db, "select pg_relation_size('leftovers')") > 0
        db.execute("vacuum leftovers")
        assert value(db, "select pg_relation_size('leftovers')") == 0


def test_parts_are_all_of_it_and_numbers_nobody_enqueued_are_refused() -> None:
    assert [list(part) for part in parts(range(7), 3)] == [[0, 1], [2, 3], [4, 5, 6]]
    assert count(3, [2, 0, 2, 2]) == (1, 2)
    with pytest.raises(RuntimeError, match="nobody enqueued"):
        count(3, [0, 3])


def cells_of(system: str, *seconds: float, lost: int = 0) -> list[dict[str, Any]]:
    common = {"system": system, "workers": 1, "is_held": False, "jobs": 100, "enqueue_seconds": 1.0}
    return [
        {**common, "round": i, "drain_seconds": s, "lost": lost, "doubled": 0, "left": 0}
        for i, s in enumerate(seconds)
    ]


def test_goals_compare_round_by_round() -> None:
    cells = [
        *cells_of(goals.PROCRASTINATE, 10.0, 20.0, 10.0),
        *cells_of("another", 2.0, 2.0, 2.0),
        *cells_of(CHOSEN, 1.0, 1.0, 4.0, lost=1),
    ]
    ten, once_as_fast, once = goals.judge(cells)
    # 99 of 100 jobs in a second: 9.9, 19.8 and 2.475 times; 1.98, 1.98 and 0.495 times.
    assert ten["found"] == "9.9 times with 1"
    assert not ten["holds"]
    assert once_as_fast["found"] == "1.98 times with 1"
    assert once_as_fast["holds"]
    assert once["found"].startswith("3 lost, 0 doubled, 0 left of 300 jobs")
    assert not once["holds"]
    (*_, once) = goals.judge(cells_of(CHOSEN, 1.0))
    assert once["holds"]
