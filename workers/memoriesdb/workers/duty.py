"""What one kind of worker does at each look at its queue."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

from memoriesdb.workers.runtime import Runtime


class Duty(ABC):
    """One queue and what is done with its jobs; :func:`memoriesdb.workers.loop.run` repeats it."""

    name: ClassVar[str]
    default_batch: ClassVar[int]
    default_lease: ClassVar[float]

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.batch = runtime.settings.batch or self.default_batch
        self.lease = runtime.settings.lease_seconds or self.default_lease

    @abstractmethod
    def tick(self) -> int:
        """Claim a batch, answer for every job of it, and return how many there were."""

    def settle(self) -> None:  # noqa: B027 - most duties answer for a batch before the next
        """Answer for what is in hand; called once when the loop ends."""

    def pause(self) -> float:
        """Return for how many seconds no job should be claimed."""
        return 0.0

    def patience(self, deadline: float) -> Callable[[], float]:
        """Return how long an answer for a job may wait for the database: lease and grace."""
        stop = self.runtime.stop
        return lambda: min(deadline - time.monotonic(), stop.seconds_left())

    def close(self) -> None:  # noqa: B027 - most duties hold nothing
        """Free what the duty holds."""
