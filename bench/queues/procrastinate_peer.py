"""procrastinate, as installed from PyPI and used by its own API."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import procrastinate

from bench.queues.places import Place, connect, value
from bench.queues.system import ENQUEUED_AT_ONCE, Record, System

NAME = "procrastinate"
QUEUE = "bench"


@dataclass(frozen=True)
class Setting:
    """How its workers are started."""

    concurrency: int = 1
    is_one_process: bool = False
    delete_jobs: str = "never"

    def __str__(self) -> str:
        """Name it."""
        where = "one process" if self.is_one_process else "a process a worker"
        each = "a connection" if self.is_one_process else "each"
        jobs = f"{self.concurrency} job{'s' if self.concurrency > 1 else ''} at a time {each}"
        return f"{where}, {jobs}, delete_jobs={self.delete_jobs}"


# Its documentation names the first way and the second one; deleted jobs keep its table small.
SETTINGS = (
    Setting(),
    Setting(is_one_process=True),
    Setting(concurrency=10),
    Setting(delete_jobs="always"),
)


class Procrastinate(System):
    """Jobs deferred in batches, run one by one by its worker."""

    name = NAME
    share = 0.2
    tables = ("procrastinate_jobs", "procrastinate_events")

    def __init__(self, place: Place, setting: Setting) -> None:
        super().__init__(place)
        self.setting = setting

    @property
    def about(self) -> str:
        """How it is used, for the page."""
        return (
            f"run_worker(wait=False, listen_notify=False) with PsycopgConnector, as many direct "
            f"connections as workers; {self.setting}. A fifth of the jobs, so that it ends in time"
        )

    def set_up(self) -> None:
        """Apply its schema."""

        async def apply() -> None:
            app = self._app(1)
            async with app.open_async():
                await app.schema_manager.apply_schema_async()

        asyncio.run(apply())

    def processes(self, workers: int) -> int:
        """Return one, or one a worker."""
        return 1 if self.setting.is_one_process else workers

    def enqueue(self, numbers: Sequence[int], record: Record) -> None:
        """Defer jobs, many in a call."""

        async def defer() -> None:
            app = self._app(1)
            task = app.task(name="noop", queue=QUEUE)(_noop)
            async with app.open_async():
                record.ready()
                for start in range(0, len(numbers), ENQUEUED_AT_ONCE):
                    part = numbers[start : start + ENQUEUED_AT_ONCE]
                    await task.batch_defer_async(*({"number": number} for number in part))
                    record.done(part)

        asyncio.run(defer())

    def drain(self, record: Record, connections: int) -> None:
        """Run its worker until it finds no job."""

        async def noop(number: int) -> None:
            record.ran(number)

        async def work() -> None:
            app = self._app(connections)
            app.task(name="noop", queue=QUEUE)(noop)
            async with app.open_async():
                record.ready()
                await app.run_worker_async(
                    wait=False,
                    concurrency=self.setting.concurrency * connections,
                    listen_notify=False,
                    delete_jobs=self.setting.delete_jobs,
                    install_signal_handlers=False,
                )

        asyncio.run(work())

    def left(self) -> int:
        """Return how many jobs did not succeed."""
        with connect(self.place.superuser) as db:
            query = "select count(*) from procrastinate_jobs where status <> 'succeeded'"
            return int(value(db, query))

    def _app(self, connections: int) -> Any:
        connector = procrastinate.PsycopgConnector(
            conninfo=self.place.superuser, min_size=connections, max_size=connections
        )
        return procrastinate.App(connector=connector)


async def _noop(number: int) -> None:
    raise AssertionError("a producer runs no job")
