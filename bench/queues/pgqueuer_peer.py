"""pgqueuer, as installed from PyPI and used by its own API."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg
import uvloop
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver
from pgqueuer.models import Job
from pgqueuer.queries import Queries
from pgqueuer.types import QueueExecutionMode

from bench.queues.places import Place, connect, value
from bench.queues.system import ENQUEUED_AT_ONCE, Record, System

NAME = "pgqueuer"
ENTRYPOINT = "noop"
# 10 is its default.
BATCHES = (10, 50, 200, 1000)


class Pgqueuer(System):
    """Jobs enqueued in batches, dequeued in batches, and run as tasks of its worker."""

    name = NAME
    tables = ("pgqueuer", "pgqueuer_log")

    def __init__(self, place: Place, batch: int) -> None:
        super().__init__(place)
        self.batch = batch

    @property
    def about(self) -> str:
        """How it is used, for the page."""
        return (
            f"run(mode=drain, batch_size={self.batch}) on uvloop, a process and a direct asyncpg "
            "connection a worker, with the settings of `pgq autovac`, durable as by default"
        )

    def set_up(self) -> None:
        """Install its schema."""

        async def install() -> None:
            connection = await asyncpg.connect(self.place.superuser)
            try:
                queries = Queries(AsyncpgDriver(connection))
                await queries.install()
                await queries.optimize_autovacuum()
            finally:
                await connection.close()

        uvloop.run(install())

    def enqueue(self, numbers: Sequence[int], record: Record) -> None:
        """Enqueue jobs, many in a call."""

        async def put() -> None:
            connection = await asyncpg.connect(self.place.superuser)
            try:
                queries = Queries(AsyncpgDriver(connection))
                record.ready()
                for start in range(0, len(numbers), ENQUEUED_AT_ONCE):
                    part = numbers[start : start + ENQUEUED_AT_ONCE]
                    await queries.enqueue(
                        [ENTRYPOINT] * len(part),
                        [str(number).encode() for number in part],
                        [0] * len(part),
                    )
                    record.done(part)
            finally:
                await connection.close()

        uvloop.run(put())

    def drain(self, record: Record, connections: int) -> None:
        """Run its worker until the queue is empty."""

        async def noop(job: Job) -> None:
            record.ran(int(job.payload))

        async def work() -> None:
            connection = await asyncpg.connect(self.place.superuser)
            try:
                worker = PgQueuer(AsyncpgDriver(connection))
                worker.entrypoint(ENTRYPOINT, accepts_context=False)(noop)
                record.ready()
                await worker.run(batch_size=self.batch, mode=QueueExecutionMode.drain)
            finally:
                await connection.close()

        uvloop.run(work())

    def left(self) -> int:
        """Return how many jobs there are."""
        with connect(self.place.superuser) as db:
            return int(value(db, "select count(*) from pgqueuer"))
