"""What the threads of one worker know of its state: health, counts, and whether it moves."""

import math
import threading
import time
from dataclasses import dataclass
from typing import NamedTuple

FAILED = frozenset({"retry", "dead", "invalid", "error"})
DONE = frozenset({"stored", "refreshed", "sealed", "built", "dropped"})


class Pulse:
    """The deadline by which the loop must move again; the watchdog is fed until then."""

    def __init__(self) -> None:
        self._deadline = math.inf

    def allow(self, seconds: float) -> None:
        """Announce that the next sign of life may take this long, and some."""
        self._deadline = time.monotonic() + seconds + 30.0

    @property
    def is_alive(self) -> bool:
        """Whether the loop moved in time."""
        return time.monotonic() < self._deadline


@dataclass(frozen=True)
class Snapshot:
    """A worker's health at one moment, as /healthz shows it."""

    status: str
    duty: str
    worker: str
    database: str
    provider: str
    last_tick_seconds: float | None
    last_success_seconds: float | None
    jobs_done: int
    jobs_failed: int


class Counts(NamedTuple):
    """Jobs since the start: done, failed, and given back because the provider did not work."""

    done: int
    failed: int
    released: int


class State:
    """Counts and health, written by the loop and read by heartbeat and health endpoint."""

    def __init__(self, duty: str, worker: str) -> None:
        self.duty = duty
        self.worker = worker
        self.pulse = Pulse()
        self._lock = threading.Lock()
        self._database = "unknown"
        self._provider = "unknown" if duty == "embedding" else "none"
        self._ticked_at: float | None = None
        self._succeeded_at: float | None = None
        self._done = 0
        self._failed = 0
        self._released = 0

    def saw_database(self, *, reachable: bool) -> None:
        """Note whether the last call reached the database."""
        with self._lock:
            self._database = "ok" if reachable else "away"

    def saw_provider(self, state: str) -> None:
        """Note how the last request to the provider went: 'ok' or the kind of its failure."""
        with self._lock:
            self._provider = state

    def ticked(self) -> None:
        """Note that the loop looked at the queue."""
        with self._lock:
            self._ticked_at = time.monotonic()

    def count(self, outcome: str, jobs: int) -> None:
        """Add to the counts that the heartbeat reports."""
        with self._lock:
            if outcome in DONE and jobs:
                self._done += jobs
                self._succeeded_at = time.monotonic()
            elif outcome in FAILED:
                self._failed += jobs
            elif outcome == "released":
                self._released += jobs

    @property
    def counts(self) -> Counts:
        """The counts of this moment."""
        with self._lock:
            return Counts(self._done, self._failed, self._released)

    def snapshot(self) -> Snapshot:
        """Return the state of this moment."""
        now = time.monotonic()
        with self._lock:
            healthy = (
                self._database == "ok"
                and self._provider in {"ok", "none", "unknown"}
                and self.pulse.is_alive
            )
            return Snapshot(
                status="ok" if healthy else "failing",
                duty=self.duty,
                worker=self.worker,
                database=self._database,
                provider=self._provider,
                last_tick_seconds=_ago(now, self._ticked_at),
                last_success_seconds=_ago(now, self._succeeded_at),
                jobs_done=self._done,
                jobs_failed=self._failed,
            )


def _ago(now: float, then: float | None) -> float | None:
    return None if then is None else round(now - then, 3)
