"""The heartbeat, from a thread and a connection of its own: it beats while a batch is worked on."""

import contextlib
import threading

import psycopg

from memoriesdb.workers.db import OUTDATED, DatabaseAwayError, describe
from memoriesdb.workers.protocol import ProtocolError
from memoriesdb.workers.runtime import VERSION, Runtime, connection

# EX_CONFIG: restarting does not help, so that the units do not try (RestartPreventExitStatus).
EXIT_OUTDATED = 78


class Heart:
    """Beats at an interval until it is closed."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._db = connection(runtime.settings, f"{runtime.duty}-heart")
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heart", daemon=True)

    def start(self) -> None:
        """Begin to beat."""
        self._thread.start()

    def close(self) -> None:
        """Stop beating, and say farewell if the database is there."""
        self._done.set()
        self._thread.join(timeout=self._runtime.settings.connect_timeout_seconds + 1.0)
        if self._thread.is_alive():
            return
        self._db.close()
        with contextlib.suppress(DatabaseAwayError, ProtocolError, psycopg.Error):
            self._runtime.beat(self._runtime.db, "stopped")

    def _run(self) -> None:
        while not self._done.is_set():
            self._beat()
            self._done.wait(self._runtime.settings.heartbeat_seconds)

    def _beat(self) -> None:
        runtime = self._runtime
        try:
            runtime.beat(self._db, "stopping" if runtime.stop.requested else self._state())
        except DatabaseAwayError as error:
            runtime.state.saw_database(reachable=False)
            runtime.log.warning("heartbeat not written", extra={"error": str(error)})
        except ProtocolError as error:
            mismatched(runtime, error)
        except psycopg.Error as error:
            if error.sqlstate == OUTDATED:
                outdated(runtime, error)
            else:
                runtime.log.error("heartbeat refused", extra={"error": describe(error)})
        else:
            runtime.state.saw_database(reachable=True)

    def _state(self) -> str:
        """Say whether a provider is left alone."""
        views = self._runtime.state.providers()
        return "paused" if any(view.state != "closed" for view in views) else "running"


def outdated(runtime: Runtime, error: psycopg.Error) -> None:
    """Stop: the database has a breaking change that this version does not know."""
    runtime.log.error(
        "this worker is too old for the database",
        extra={
            "error": describe(error),
            "version": VERSION,
            "hint": error.diag.message_hint
            or "Install the database's version of memoriesdb here "
            "(pip install --upgrade memoriesdb) and start the worker again.",
        },
    )
    runtime.stop.request("outdated", EXIT_OUTDATED)


def mismatched(runtime: Runtime, error: ProtocolError) -> None:
    """Stop: the database speaks another protocol."""
    extra = {"error": str(error), "version": VERSION, "hint": error.hint}
    runtime.log.error(error.event, extra=extra)
    runtime.stop.request("outdated", EXIT_OUTDATED)
