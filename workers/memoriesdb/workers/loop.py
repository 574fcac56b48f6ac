"""The loop of every worker: look at the queue, wait when it is idle, stop when asked."""

import contextlib
from collections.abc import Callable

import psycopg

from memoriesdb.workers.backoff import Backoff
from memoriesdb.workers.db import OUTDATED, DatabaseAwayError, describe
from memoriesdb.workers.duty import Duty
from memoriesdb.workers.heart import Heart, mismatched, outdated
from memoriesdb.workers.protocol import ProtocolError
from memoriesdb.workers.systemd import Systemd

EXIT_FAILED = 1
EXIT_UNREACHABLE = 3
# How often --once knocks at a database that does not answer.
_ONCE_ATTEMPTS = 3
_HINTS = {
    "3F000": "MemoriesDB is not installed in this database: name another, or run "
    "`memoriesdb install DSN` as a superuser.",
    "42501": "Is the login a member of memoriesdb_worker? `grant memoriesdb_worker to …`.",
}


class Loop:
    """One run of a duty, from the first contact with the database to the farewell."""

    def __init__(self, duty: Duty, systemd: Systemd, *, once: bool) -> None:
        settings = duty.runtime.settings
        self.duty, self.runtime, self.systemd, self.once = duty, duty.runtime, systemd, once
        self._idle = Backoff(settings.poll_min_seconds, settings.poll_max_seconds)
        self._away = Backoff(0.2, settings.reconnect_max_seconds)
        self._away_count = 0

    def run(self) -> int:
        """Work until asked to stop, or until nothing is due with ``once``; give the exit code."""
        stop = self.runtime.stop
        while not stop.requested and not self._guarded(self._first_contact):
            pass
        if not stop.requested:
            with contextlib.closing(Heart(self.runtime)) as heart:
                heart.start()
                while not stop.requested:
                    self._guarded(self._look)
                self.systemd.stopping()
                self._guarded(self.duty.settle)
        self.runtime.state.pulse.rest()
        counts = self.runtime.state.counts._asdict()
        self.runtime.log.info("stopped", extra={"reason": stop.reason, **counts})
        return stop.exit_code

    def _first_contact(self) -> None:
        self.runtime.beat(self.runtime.db, "starting")
        self.systemd.ready()
        self.runtime.log.info("started", extra={"once": self.once})

    def _look(self) -> None:
        """Look at the queue once; wait if there was nothing or the duty wants a pause."""
        handled, pause = self.duty.tick(), self.duty.pause()
        self.runtime.state.ticked()
        if handled:
            self._idle.reset()
        if self.once and (pause or not handled):
            counts = self.runtime.state.counts
            went_wrong = counts.failed or counts.released
            # What was given back is due later, when the provider is asked again.
            reason = "the provider is away" if counts.released else "nothing is due"
            self.runtime.stop.request(reason, EXIT_FAILED if went_wrong else 0)
        elif pause or not handled:
            self._wait(pause if handled else max(pause, self._idle.next()))

    def _guarded(self, step: Callable[[], None]) -> bool:
        """Do a step; say whether it went well, and wait a little where it did not."""
        runtime = self.runtime
        runtime.state.pulse.allow(self.duty.lease)
        try:
            step()
        except DatabaseAwayError as error:
            runtime.state.saw_database(reachable=False)
            self._away_count += 1
            patient = self._away_count < _ONCE_ATTEMPTS
            self._trouble("database away", str(error), None if patient else EXIT_UNREACHABLE)
        except ProtocolError as error:
            mismatched(runtime, error)
        except psycopg.Error as error:
            runtime.state.saw_database(reachable=True)
            if error.sqlstate == OUTDATED:
                outdated(runtime, error)
            else:
                runtime.count("error")
                hint = _HINTS.get(error.sqlstate or "")
                self._trouble("database refused", describe(error), EXIT_FAILED, hint)
        else:
            runtime.state.saw_database(reachable=True)
            self._away.reset()
            self._away_count = 0
            return True
        return False

    def _trouble(
        self, event: str, error: str, once_exit: int | None, hint: str | None = None
    ) -> None:
        extra = {"error": error} if hint is None else {"error": error, "hint": hint}
        self.runtime.log.error(event, extra=extra)
        self.systemd.status(f"{event}: {error}")
        if self.once and once_exit is not None:
            self.runtime.stop.request(event, once_exit)
        self._wait(self._away.next())

    def _wait(self, seconds: float) -> None:
        self.runtime.state.pulse.allow(seconds)
        self.runtime.stop.wait(seconds)
