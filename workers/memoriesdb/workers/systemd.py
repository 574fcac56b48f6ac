"""Talk to systemd: ready, stopping, and a watchdog that is fed only while the loops move."""

import os
import threading
from typing import Protocol

import sdnotify  # type: ignore[import-untyped]


class Living(Protocol):
    """What tells whether the process moves."""

    @property
    def is_alive(self) -> bool:
        """Whether it moved in time."""


class Systemd:
    """Notifications to the service manager; silent where there is none.

    A process of several duties is ready when the last of them is.
    """

    def __init__(self, living: Living, duties: int = 1) -> None:
        self._living = living
        self._lock = threading.Lock()
        self._not_ready = duties
        self._is_stopping = False
        self._done = threading.Event()
        self._thread: threading.Thread | None = None
        self._notifier = sdnotify.SystemdNotifier() if os.environ.get("NOTIFY_SOCKET") else None

    def ready(self) -> None:
        """Say that a duty reached its database; after the last, begin to feed the watchdog."""
        with self._lock:
            self._not_ready -= 1
            if self._not_ready != 0:
                return
        self._notify("READY=1\nSTATUS=draining the queue")
        interval = watchdog_interval()
        if self._notifier is not None and interval is not None:
            self._thread = threading.Thread(
                target=self._feed, args=(interval,), name="watchdog", daemon=True
            )
            self._thread.start()

    def status(self, text: str) -> None:
        """Set the line that ``systemctl status`` shows."""
        self._notify(f"STATUS={text}")

    def stopping(self) -> None:
        """Say that the worker is finishing."""
        with self._lock:
            was_stopping, self._is_stopping = self._is_stopping, True
        if not was_stopping:
            self._notify("STOPPING=1\nSTATUS=finishing the batch in hand")

    def close(self) -> None:
        """End the watchdog's thread and close the socket."""
        self._done.set()
        if self._thread is not None:
            self._thread.join()
        if self._notifier is not None and self._notifier.socket is not None:
            self._notifier.socket.close()

    def _feed(self, interval: float) -> None:
        while True:
            if self._living.is_alive:
                self._notify("WATCHDOG=1")
            if self._done.wait(interval):
                return

    def _notify(self, message: str) -> None:
        if self._notifier is not None:
            self._notifier.notify(message)


def watchdog_interval() -> float | None:
    """Return half the time after which systemd gives the process up; None without a watchdog."""
    if os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    try:
        microseconds = int(os.environ.get("WATCHDOG_USEC", ""))
    except ValueError:
        return None
    return microseconds / 2_000_000 if microseconds > 0 else None
