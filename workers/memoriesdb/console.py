"""How every command speaks: what went wrong in one line, what to do next in another."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import psycopg
import typer
import typer.core
from rich.console import Console
from rich.markup import escape
from rich.text import Text
from sqlalchemy.exc import DBAPIError

from memoriesdb.cluster.errors import BadNameError, ClusterError, NotRunningError
from memoriesdb.installer import InstallError

FAILED = 1
USAGE = 2
NOT_RUNNING = 3
UNKNOWN = 5  # 4 is taken by the ledger's commands
INTERRUPTED = 130
EXIT_CODES = (
    "Exit codes: 0 done; 1 it failed, or the answer is no; 2 wrong usage; 3 not reachable or not "
    "running; 5 it is not known whether it was committed; 130 interrupted before that. Commands "
    "that differ say so."
)
NO_RIGHT = "42501"
# What calling a function, or reading a table, ends with where the schema is not there.
NOT_INSTALLED = frozenset({"3F000", "42P01"})

Function = TypeVar("Function", bound=Callable[..., Any])


def _without_types_of_flags(params: Sequence[Any]) -> None:
    for param in params:
        if getattr(param, "is_flag", False):
            param.metavar = ""  # a flag takes no value, so there is no type to show


class Command(typer.core.TyperCommand):
    """A command as its help shows it."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return what it takes."""
        params = list(super().get_params(ctx))
        _without_types_of_flags(params)
        return params


class _Group(typer.core.TyperGroup):
    def get_params(self, ctx: Any) -> list[Any]:
        params = list(super().get_params(ctx))
        _without_types_of_flags(params)
        return params


class Commands(typer.Typer):
    """A group of commands, whose help ends with examples to copy, one a line."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            cls=_Group,
            no_args_is_help=True,
            rich_markup_mode="rich",
            # A traceback may show private texts and passwords; see memoriesdb.cli.main.
            pretty_exceptions_enable=False,
            **options,
        )

    def command(
        self, name: str | None = None, *, examples: Sequence[str] = (), **options: Any
    ) -> Callable[[Function], Function]:
        """Register a function as a command; its help ends with the examples, one a line."""
        if examples:
            head = "Example:" if len(examples) == 1 else "Examples:"
            lines = (f"[bold]{escape(example)}[/]" for example in examples)
            options["epilog"] = "\n\n".join([head, *lines])
        return super().command(name, **{"cls": Command, **options})


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


def write_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print columns: nothing is cut or folded, since an id is there to be copied."""
    lines = [head, *rows]
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        padded = (
            cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)
        )
        typer.echo("  ".join(padded).rstrip())


def _width(cell: str) -> int:
    """Return how many columns a cell takes, its colours left out."""
    return Text.from_ansi(cell).cell_len


def given_dsn(dsn: str | None) -> str | None:
    """Refuse an empty DSN, which a shell makes of an unset variable and libpq of its defaults."""
    if dsn is not None and not dsn.strip():
        fail(
            "the DSN is empty.",
            "is the shell variable set? give postgresql://user@host:port/database.",
            USAGE,
        )
    return dsn


def fail(message: str, hint: str, code: int = FAILED) -> NoReturn:
    """End the command with what is wrong and what to do next."""
    Console(stderr=True, markup=False, highlight=False, soft_wrap=True).print(
        f"{message}\n  what to do next: {hint}"
    )
    raise typer.Exit(code)


def readable(path: Path, hint: str) -> Path:
    """Refuse a file that is not there, or that cannot be read."""
    try:
        with path.open("rb"):
            return path
    except OSError as error:
        refuse_path(path, error, hint)


def refuse_path(path: Path | str, error: OSError, hint: str, code: int = USAGE) -> NoReturn:
    """End the command with what is wrong about a path."""
    fail(f"{path}: {(error.strerror or str(error)).lower()}", hint, code)


def deliver(text: str, hint: str) -> None:
    """Print what nobody can be told again, or end the command: called before the commit."""
    try:
        if sys.stdout is None:
            raise OSError(errno.EBADF, "it is closed")
        typer.echo(text)
    except OSError as error:
        if sys.stdout is not None:
            # What stands in the buffer cannot be written, and Python would try again at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        refuse_path("standard output", error, hint, FAILED)


@dataclass
class Ending:
    """How a transaction ends: from its COMMIT on ``look`` says where to look for the outcome.

    The server may have done it before the connection was lost, or before it heard of Ctrl-C.
    """

    look: str | None = None


@contextlib.contextmanager
def errors(
    interrupted: str = "nothing was changed; run it again.",
    *,
    needed: str = "",
    calls_schema: bool = False,
) -> Iterator[Ending]:
    """Turn what went wrong into two lines and an exit code.

    Who commits within it says so to what it gives. ``needed`` says as whom to connect, where the
    login has no right. With ``calls_schema`` the command does nothing but call what is installed,
    so that a missing schema says it is not.
    """
    ending = Ending()
    try:
        yield ending
    except BadNameError as error:
        fail(error.message, error.hint, USAGE)
    except NotRunningError as error:
        fail(error.message, error.hint, NOT_RUNNING)
    except (ClusterError, InstallError) as error:
        fail(error.message, error.hint)
    except psycopg.Error as error:
        # An ERROR is the server's answer, and it has rolled back; a FATAL one may be a pooler's.
        if ending.look is not None and error.diag.severity_nonlocalized != "ERROR":
            _not_known(" ".join(str(error).split()), ending.look, error)
        _explain(error, needed, calls_schema)
    except DBAPIError as error:
        # SQLAlchemy wraps the driver's errors.
        if isinstance(error.orig, psycopg.Error):
            _explain(error.orig, needed, calls_schema)
        raise
    except PermissionError as error:
        fail(str(error), "call as the user who owns it.")
    except BrokenPipeError:
        raise  # who read has enough: typer ends the command without a word
    except OSError as error:
        fail(str(error), "check the path, MEMORIESDB_HOME and HOME, and the space on the disk.")
    except KeyboardInterrupt as error:
        if ending.look is not None:
            _not_known("interrupted", ending.look, error)
        fail("interrupted.", interrupted, INTERRUPTED)


def _not_known(reason: str, look: str, error: BaseException) -> NoReturn:
    said = ". ".join([reason.removesuffix("."), *getattr(error, "__notes__", [])])
    fail(f"it is not known whether this was committed: {said}", look, UNKNOWN)


def _explain(error: psycopg.Error, needed: str, calls_schema: bool) -> NoReturn:
    if error.sqlstate is None and isinstance(error, psycopg.OperationalError):
        reason = " ".join(str(error).split())
        fail(f"the database cannot be reached: {reason}", "check the DSN and the server.", 3)
    if error.sqlstate is None and isinstance(error, psycopg.ProgrammingError):
        reason = " ".join(str(error).split())
        fail(f"this is no DSN: {reason}", "give postgresql://user@host:port/database.", USAGE)
    if calls_schema and error.sqlstate in NOT_INSTALLED:
        fail(
            f"MemoriesDB is not installed in this database [{error.sqlstate}]",
            "run `memoriesdb install DSN` as a superuser, or name another database.",
        )
    # What was found before the server was asked says it itself.
    detail = getattr(error, "detail", error.diag.message_detail)
    parts = [error.diag.message_primary or str(error), detail]
    message = ". ".join(part.removesuffix(".") for part in parts if part)
    hint = (
        getattr(error, "hint", error.diag.message_hint)
        or "see the server's log, and `memoriesdb doctor DSN`."
    )
    if error.sqlstate == NO_RIGHT and needed:
        hint = needed
    notes = getattr(error, "__notes__", [])
    fail(" ".join([message, f"[{error.sqlstate}]", *notes]), hint)
