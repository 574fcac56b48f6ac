"""Talk to systemd: ready, stopping, and a watchdog that is fed only while the loop moves."""

import os
import threading

import sdnotify  # type: ignore[import-untyped]

from memoriesdb.workers.state import Pulse


class Systemd:
    """Notifications to the service manager; silent where there is none."""

    def __init__(self, pulse: Pulse) -> None:
        self._pulse = pulse
        self._done = threading.Event()
        self._thread: threading.Thread | None = None
        self._notifier = sdnotify.SystemdNotifier() if os.environ.get("NOTIFY_SOCKET") else None

    def ready(self) -> None:
        """Say that the worker reached its database, and begin to feed the watchdog."""
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
            if self._pulse.is_alive:
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
