"""The request to stop, and work that can be left when its time is over."""

import math
import os
import select
import signal
import threading
import time
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Generic, TypeVar

Result = TypeVar("Result")


class OverdueError(Exception):
    """The work took longer than it may."""


class GraceOverError(Exception):
    """A stop was asked for, and the grace for what is in hand is over."""


class Stop:
    """Set once, by a signal or by the worker itself; whoever waits is woken.

    A pipe and not an Event: an Event's lock, taken by the thread that a signal interrupts, would
    stop the signal's handler for ever.
    """

    def __init__(self, grace: float) -> None:
        self.grace = grace
        self.reason: str | None = None
        self.exit_code = 0
        self._deadline = math.inf
        self._reader, self._writer = os.pipe()

    def request(self, reason: str, exit_code: int = 0) -> None:
        """Ask to stop; only the first request counts."""
        if self.reason is None:
            self._deadline = time.monotonic() + self.grace
            self.exit_code = exit_code
            self.reason = reason
            os.write(self._writer, b"x")

    @property
    def requested(self) -> bool:
        """Whether a stop was asked for."""
        return self.reason is not None

    def seconds_left(self) -> float:
        """Seconds of grace that remain; infinite while nobody asked."""
        return self._deadline - time.monotonic()

    def wait(self, seconds: float) -> bool:
        """Wait this long or until a stop is asked for; say whether it is."""
        select.select([self._reader], [], [], max(0.0, seconds))
        return self.requested

    def close(self) -> None:
        """Close the pipe."""
        os.close(self._reader)
        os.close(self._writer)


def obey_signals(stops: Sequence[Stop]) -> None:
    """Let SIGTERM and SIGINT request all of these from now on."""

    def obey(number: int, _frame: FrameType | None) -> None:
        if all(stop.requested for stop in stops):
            # Asked twice: whoever asks will not wait. The leases bring the jobs back.
            os._exit(128 + number)
        for stop in stops:
            stop.request(signal.Signals(number).name)

    signal.signal(signal.SIGTERM, obey)
    signal.signal(signal.SIGINT, obey)


class Bounded(Generic[Result]):
    """Work that goes on in a thread of its own, and is left when its time is over.

    A request's own timeout bounds each read of an answer, not the whole: a server that sends a
    byte every now and then holds its caller for ever. What is left behind goes on in a daemon
    thread, whose result nobody reads. ``reserve`` seconds of the grace are kept for giving back.
    """

    def __init__(
        self, work: Callable[[], Result], seconds: float, stop: Stop, reserve: float = 0.0
    ) -> None:
        self._seconds, self._stop, self._reserve = seconds, stop, reserve
        self._end = time.monotonic() + seconds
        self._results: list[Result] = []
        self._errors: list[BaseException] = []
        self._done = threading.Event()
        threading.Thread(target=self._run, args=(work,), name="bounded", daemon=True).start()

    def _run(self, work: Callable[[], Result]) -> None:
        try:
            self._results.append(work())
        except BaseException as error:
            self._errors.append(error)
        finally:
            self._done.set()

    @property
    def is_done(self) -> bool:
        """Whether the thread has ended."""
        return self._done.is_set()

    def wait_at_most(self, seconds: float) -> None:
        """Wait for the end of the thread, but no longer than this."""
        self._done.wait(seconds)

    def wait(self) -> Result:
        """Return the result, or raise its error, OverdueError or GraceOverError."""
        while not self._done.wait(min(0.1, max(0.001, self._end - time.monotonic()))):
            if self._stop.seconds_left() <= self._reserve:
                raise GraceOverError
            if time.monotonic() >= self._end:
                raise OverdueError(f"no answer within {self._seconds:.1f} s")
        if self._errors:
            raise self._errors[0]
        return self._results[0]


def bounded(work: Callable[[], Result], seconds: float, stop: Stop, reserve: float = 0.0) -> Result:
    """Do the work in a thread of its own, at most this long; leave it when the grace ends."""
    return Bounded(work, seconds, stop, reserve).wait()
