"""How every command speaks: what went wrong in one line, what to do next in another."""

from __future__ import annotations

import contextlib
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import psycopg
import typer
from rich.console import Console
from sqlalchemy.exc import DBAPIError

from memoriesdb.cluster.errors import BadNameError, ClusterError, NotRunningError
from memoriesdb.installer import InstallError

FAILED = 1
USAGE = 2
NOT_RUNNING = 3
INTERRUPTED = 130


def program_name() -> str:
    """Return how to call this program from here: its name alone where the shell finds it."""
    if shutil.which("memoriesdb") is not None:
        return "memoriesdb"
    program = Path(sys.argv[0])
    with contextlib.suppress(ValueError):
        program = program.absolute().relative_to(Path.cwd())
    return str(program)


def write(line: str) -> None:
    """Print a line as it stands: a path or a text may look like markup."""
    Console(markup=False, highlight=False, soft_wrap=True).print(line)


def fail(message: str, hint: str, code: int = FAILED) -> NoReturn:
    """End the command with what is wrong and what to do next."""
    Console(stderr=True, markup=False, highlight=False, soft_wrap=True).print(
        f"{message}\n  what to do next: {hint}"
    )
    raise typer.Exit(code)


@contextlib.contextmanager
def errors(interrupted: str = "nothing was changed; run it again.") -> Iterator[None]:
    """Turn what went wrong into two lines and an exit code."""
    try:
        yield
    except BadNameError as error:
        fail(error.message, error.hint, USAGE)
    except NotRunningError as error:
        fail(error.message, error.hint, NOT_RUNNING)
    except (ClusterError, InstallError) as error:
        fail(error.message, error.hint)
    except psycopg.Error as error:
        _explain(error)
    except DBAPIError as error:
        # SQLAlchemy wraps the driver's errors.
        if isinstance(error.orig, psycopg.Error):
            _explain(error.orig)
        raise
    except PermissionError as error:
        fail(str(error), "call as the user who owns it.")
    except KeyboardInterrupt:
        fail("interrupted.", interrupted, INTERRUPTED)


def _explain(error: psycopg.Error) -> NoReturn:
    if error.sqlstate is None and isinstance(error, psycopg.OperationalError):
        reason = " ".join(str(error).split())
        fail(f"the database cannot be reached: {reason}", "check the DSN and the server.", 3)
    if error.sqlstate is None and isinstance(error, psycopg.ProgrammingError):
        fail(f"this is no DSN: {error}", "give postgresql://user@host:port/database.", USAGE)
    parts = [error.diag.message_primary or str(error), error.diag.message_detail]
    message = " ".join(part for part in parts if part)
    hint = error.diag.message_hint or "see the server's log, and `memoriesdb doctor DSN`."
    notes = getattr(error, "__notes__", [])
    fail(" ".join([message, f"[{error.sqlstate}]", *notes]), hint)
