"""The command ``memoriesdb``."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from memoriesdb.cli.root import app

__all__ = ["app", "main"]

DEBUG_VARIABLE = "MEMORIESDB_DEBUG"
INTERRUPTED = 130


def __getattr__(name: str) -> object:
    """Load the commands when they are asked for: main() can then catch what happens meanwhile."""
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from memoriesdb.cli import root

    return root.app


def main() -> None:
    """Run the command line; an error is two lines, and a traceback where MEMORIESDB_DEBUG is set.

    A traceback may quote texts of users, and tells nobody what to do next.
    """
    try:
        from memoriesdb.cli.root import app

        app(prog_name="memoriesdb")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except Exception as error:
        if os.environ.get(DEBUG_VARIABLE):
            raise
        _explain(error)
        sys.exit(1)


def _explain(error: Exception) -> None:
    if isinstance(error, OSError):
        hint = "check the path and its rights, and the space on the disk."
        # What stands in the buffer cannot be written, and Python would try again at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    else:
        hint = f"set {DEBUG_VARIABLE}=1 for the traceback, and report it with the command."
    # In front, since a bare KeyError is but a key.
    kind = "" if isinstance(error, OSError) else f"{type(error).__name__}: "
    print(f"{kind}{error}\n  what to do next: {hint}", file=sys.stderr)
