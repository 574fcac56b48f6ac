"""What is measured: a queue that takes jobs from producers and gives them to workers."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from array import array
from collections.abc import Iterable, Sequence
from multiprocessing.synchronize import Barrier
from typing import Any, ClassVar

from bench.queues.places import Place, connect, value

START_SECONDS = 60
# Without a job done by anybody for so long, what is missing is given up.
PATIENCE = 10.0
# Jobs that a producer hands over in one call, where the queue takes many at once.
ENQUEUED_AT_ONCE = 500


class Record:
    """What one process did: when it began, which jobs it has done, and when the last of them."""

    def __init__(self, barrier: Barrier, count: Any, expected: int) -> None:
        self.began = self.ended = 0.0
        self.numbers = array("q")
        self._barrier = barrier
        self._count = count
        self._expected = expected
        self._seen = -1
        self._seen_at = 0.0

    def ready(self) -> None:
        """Wait for all processes of the step to be connected; then the time runs."""
        self._barrier.wait(START_SECONDS)
        self.began = self.ended = time.monotonic()

    def ran(self, number: int) -> None:
        """Note a job that was run."""
        self.numbers.append(number)
        self.ended = time.monotonic()

    def done(self, numbers: Iterable[int]) -> None:
        """Note jobs that the queue has been told of, and let the other processes know."""
        before = len(self.numbers)
        self.numbers.extend(numbers)
        self.ended = time.monotonic()
        with self._count.get_lock():
            self._count.value += len(self.numbers) - before

    def is_over(self) -> bool:
        """Tell whether all jobs are done, or none has been for so long that some are lost."""
        count, now = self._count.value, time.monotonic()
        if count != self._seen:
            self._seen, self._seen_at = count, now
        return bool(count >= self._expected or now - self._seen_at > PATIENCE)


class System(ABC):
    """A queue with its settings. Goes to other processes as it is: it holds no connection."""

    name: str
    # Of what it takes to run it, so that a cell of a slow one ends in time.
    share: ClassVar[float] = 1.0
    # The queue's own, emptied before each cell.
    tables: ClassVar[tuple[str, ...]]
    is_drained: ClassVar[bool] = True

    def __init__(self, place: Place) -> None:
        self.place = place

    @property
    @abstractmethod
    def about(self) -> str:
        """How it is used, for the page."""

    @abstractmethod
    def set_up(self) -> None:
        """Make what it needs, once."""

    def reset(self) -> None:
        """Empty the queue: each cell begins with none of the former one's rows, live or dead."""
        with connect(self.place.superuser) as db:
            db.execute(f"truncate {', '.join(self.tables)} cascade".encode())

    def producers(self, workers: int) -> int:
        """Return how many processes enqueue."""
        return workers

    def processes(self, workers: int) -> int:
        """Return how many processes drain; together they have a connection a worker."""
        return workers

    @abstractmethod
    def enqueue(self, numbers: Sequence[int], record: Record) -> None:
        """Hand over jobs with these numbers."""

    @abstractmethod
    def drain(self, record: Record, connections: int) -> None:
        """Do jobs until there are none."""

    def settle(self) -> None:
        """Gather statistics of the tables, as autovacuum would have, before the drain."""
        with connect(self.place.superuser) as db:
            db.execute(f"analyze {', '.join(self.tables)}".encode())

    @abstractmethod
    def left(self) -> int:
        """Return how many jobs the queue has not been told of as done."""

    def size(self) -> int:
        """Return the size of the queue's tables with their indexes."""
        with connect(self.place.superuser) as db:
            return sum(
                value(db, "select pg_total_relation_size(%s::regclass)", table)
                for table in self.tables
            )
