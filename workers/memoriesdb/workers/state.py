"""What the threads of one worker know of its state: health, counts, and whether it moves."""

import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

FAILED = frozenset({"retry", "dead", "invalid", "error"})
DONE = frozenset({"stored", "refreshed", "sealed", "built", "dropped"})

CircuitState = Literal["closed", "half_open", "open"]
CIRCUIT_STATES: tuple[CircuitState, ...] = ("closed", "half_open", "open")


@dataclass(frozen=True)
class CircuitView:
    """How a model's provider does at one moment, for health, metrics and heartbeat."""

    model: str
    state: CircuitState
    seconds_left: float
    kind: str | None
    """The kind of its last failure; None while it works."""


class Pulse:
    """The deadline by which the loop must move again; the watchdog is fed until then."""

    def __init__(self) -> None:
        self._deadline = math.inf

    def allow(self, seconds: float) -> None:
        """Announce that the next sign of life may take this long, and some."""
        self._deadline = time.monotonic() + seconds + 30.0

    def rest(self) -> None:
        """Announce that there is nothing more to move for."""
        self._deadline = math.inf

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
    providers: Sequence[CircuitView]
    last_tick_seconds: float | None
    last_success_seconds: float | None
    jobs_done: int
    jobs_failed: int


@dataclass(frozen=True)
class Together:
    """The health of a process with several duties: it is well where all of them are."""

    status: str
    worker: str
    duties: Mapping[str, Snapshot]


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
        self.providers: Callable[[], list[CircuitView]] = list
        self._database = "unknown"
        self._ticked_at: float | None = None
        self._succeeded_at: float | None = None
        self._done = 0
        self._failed = 0
        self._released = 0

    def saw_database(self, *, reachable: bool) -> None:
        """Note whether the last call reached the database."""
        with self._lock:
            self._database = "ok" if reachable else "away"

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
        views = self.providers()
        failing = [view.kind or "unavailable" for view in views if view.state != "closed"]
        with self._lock:
            healthy = self._database == "ok" and not failing and self.pulse.is_alive
            return Snapshot(
                status="ok" if healthy else "failing",
                duty=self.duty,
                worker=self.worker,
                database=self._database,
                provider=failing[0] if failing else self._without_failure(views),
                providers=views,
                last_tick_seconds=_ago(now, self._ticked_at),
                last_success_seconds=_ago(now, self._succeeded_at),
                jobs_done=self._done,
                jobs_failed=self._failed,
            )

    def _without_failure(self, views: Sequence[CircuitView]) -> str:
        if self.duty != "embedding":
            return "none"
        return "ok" if views else "unknown"


class States:
    """The states of several duties in one process, as one."""

    def __init__(self, worker: str, states: Sequence[State]) -> None:
        self.worker = worker
        self._states = states

    @property
    def is_alive(self) -> bool:
        """Whether every loop moved in time."""
        return all(state.pulse.is_alive for state in self._states)

    def snapshot(self) -> Together:
        """Return the states of this moment."""
        duties = {state.duty: state.snapshot() for state in self._states}
        well = all(each.status == "ok" for each in duties.values())
        return Together("ok" if well else "failing", self.worker, duties)


def _ago(now: float, then: float | None) -> float | None:
    return None if then is None else round(now - then, 3)
