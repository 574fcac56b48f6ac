"""What the private cluster raises: what happened, and what to do next."""

from __future__ import annotations

from pathlib import Path


class ClusterError(Exception):
    """Something about the private cluster failed; ``hint`` says what to do next."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  what to do next: {self.hint}"


class NotRunningError(ClusterError):
    """The private cluster, or the part of it that was asked for, is not running."""


class BadNameError(ClusterError):
    """The name cannot be an instance's."""


class MissingPackageError(ClusterError):
    """A program or an extension that the cluster needs is not installed."""


class UnknownUserError(ClusterError):
    """No active MemoriesDB user has the name that was given."""


def log_tail(log: Path, lines: int = 12) -> str:
    """Return the last lines of a log file, indented, or a word on why there are none."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 32_768))
            tail = file.read().decode("utf-8", "replace").splitlines()[-lines:]
    except OSError as error:
        return f"  (no log: {error.strerror})"
    return "\n".join(f"  | {line}" for line in tail) or "  (the log is empty)"
